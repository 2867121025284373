//! The codes of promotions.

use std::{borrow::Cow, fmt, str::FromStr};

use contracts::PromotionId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

/// The code of a promotion: 3 to 32 of the characters `A-Z 0-9 - _`. Lower case is accepted and converted to upper
/// case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct PromotionCode(String);

/// A text that is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 3 to 32 of the characters A-Z 0-9 - _")]
pub(crate) struct InvalidCode;

impl FromStr for PromotionCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let code = (3..=32).contains(&text.len()) && text.bytes().all(allowed);
        if code { Ok(Self(text.to_ascii_uppercase())) } else { Err(InvalidCode) }
    }
}

impl TryFrom<String> for PromotionCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl From<PromotionCode> for String {
    fn from(PromotionCode(code): PromotionCode) -> Self {
        code
    }
}

impl fmt::Display for PromotionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for PromotionCode {
    fn schema_name() -> Cow<'static, str> {
        "PromotionCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]{3,32}$"})
    }
}

/// A code that a customer applied to a cart, and its promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppliedCode {
    pub(crate) code: PromotionCode,
    pub(crate) promotion: PromotionId,
}

/// Reads the codes of a cart. The one code of a cart that was stored before promotions had ids is left out.
pub(crate) fn applied_codes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AppliedCode>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Codes(Vec<AppliedCode>),
        Before(IgnoredAny),
    }
    Ok(match Stored::deserialize(deserializer)? {
        Stored::Codes(codes) => codes,
        Stored::Before(_) => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_in_either_case() {
        assert_eq!("spring-26".parse::<PromotionCode>().unwrap().to_string(), "SPRING-26");
        for text in ["", "AB", "SPRING 26", "ÄÖÜ", &"A".repeat(33)] {
            assert_eq!(text.parse::<PromotionCode>(), Err(InvalidCode), "{text}");
        }
    }
}
