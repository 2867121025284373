//! Times in replies.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// A time in a reply: RFC 3339 in UTC, always with three decimals, such as `2026-01-02T03:04:05.000Z`. Texts of this
/// form sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(Timestamp);

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_three_decimals() {
        for (time, text) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.100Z"),
            ("2026-01-02T03:04:05.9999Z", "2026-01-02T03:04:05.999Z"),
            ("2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05.000Z"),
        ] {
            let time = Time::from(time.parse::<Timestamp>().unwrap());
            assert_eq!(serde_json::to_value(time).unwrap(), text);
        }
    }
}
