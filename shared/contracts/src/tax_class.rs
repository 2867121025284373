//! Tax classes.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A tax class: a name for goods that are taxed at the same rate, such as `standard` or `reduced`. 1 to 32 of the
/// characters `a-z 0-9 -`, but not `proportional`, which is a way to tax shipping. The default is `standard`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaxClass(Cow<'static, str>);

/// A text that is not a tax class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 32 of the characters a-z 0-9 - and not proportional")]
pub struct InvalidTaxClass;

impl TaxClass {
    /// The class of goods that have no other class.
    pub const STANDARD: Self = Self(Cow::Borrowed("standard"));

    /// The name of the class.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the class of goods that have no other class.
    pub fn is_standard(&self) -> bool {
        *self == Self::STANDARD
    }
}

impl Default for TaxClass {
    fn default() -> Self {
        Self::STANDARD
    }
}

impl FromStr for TaxClass {
    type Err = InvalidTaxClass;

    fn from_str(text: &str) -> Result<Self, InvalidTaxClass> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) && text != "proportional" {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidTaxClass)
        }
    }
}

impl TryFrom<String> for TaxClass {
    type Error = InvalidTaxClass;

    fn try_from(text: String) -> Result<Self, InvalidTaxClass> {
        text.parse()
    }
}

impl From<TaxClass> for String {
    fn from(TaxClass(name): TaxClass) -> Self {
        name.into_owned()
    }
}

impl fmt::Display for TaxClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for TaxClass {
    fn schema_name() -> Cow<'static, str> {
        "TaxClass".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 32, "pattern": "^[a-z0-9-]{1,32}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_class_is_a_short_name() {
        assert_eq!("reduced-2".parse::<TaxClass>().unwrap().as_str(), "reduced-2");
        assert_eq!("standard".parse(), Ok(TaxClass::default()));
        let longest = "x".repeat(32);
        assert!(longest.parse::<TaxClass>().is_ok());
        for text in ["", "Reduced", "zero rate", "ermäßigt", "proportional", &format!("{longest}x")] {
            assert_eq!(text.parse::<TaxClass>(), Err(InvalidTaxClass), "{text}");
        }
    }
}
