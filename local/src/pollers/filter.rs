//! Filter criteria: which messages or records reach a function at all.

use anyhow::{Context, Result};
use quamina::Quamina;

/// Lets through what matches one of its patterns, or everything if it has none.
pub struct Filter {
    patterns: Quamina<usize>,
    open: bool,
}

impl Filter {
    /// A filter of the patterns in a function's template.
    ///
    /// # Errors
    /// Where one of them is no pattern.
    pub fn new(patterns: &[String], function: &str) -> Result<Self> {
        let mut filter = Self { patterns: Quamina::new(), open: patterns.is_empty() };
        for (number, pattern) in patterns.iter().enumerate() {
            let added = filter.patterns.add_pattern(number, pattern);
            added.with_context(|| format!("the filter {pattern} of {function} is not one"))?;
        }
        Ok(filter)
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether it lets a record, which is JSON, through.
    pub fn passes(&self, record: &str) -> bool {
        self.open || self.patterns.has_matches(record.as_bytes()).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn new_events_pass_and_other_changes_do_not() {
        let pattern = r#"{"eventName":["INSERT"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"event#"}]}}}}"#;
        let filter = Filter::new(&[pattern.to_owned()], "relay").unwrap();
        let record = |name: &str, sk: &str| {
            json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": "a"}, "sk": {"S": sk}}}}).to_string()
        };
        assert!(filter.passes(&record("INSERT", "event#00000001")));
        assert!(!filter.passes(&record("MODIFY", "event#00000001")));
        assert!(!filter.passes(&record("INSERT", "state")));
        assert!(Filter::new(&[], "relay").unwrap().passes(&record("REMOVE", "x")));
        assert!(Filter::new(&["[".to_owned()], "relay").is_err());
    }
}
