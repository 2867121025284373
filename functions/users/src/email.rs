//! E-mail addresses.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The maximum length of an e-mail address (RFC 5321).
const LONGEST: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;

/// An e-mail address, trimmed and in lower case, so that two spellings are the same account. Only its form is
/// checked, not whether mail arrives.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Email(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address such as ada@example.com")]
pub(crate) struct InvalidEmail;

impl Email {
    /// The text of the address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidEmail)?;
        let visible = address.chars().all(|c| !c.is_whitespace() && !c.is_control());
        let local_part = (1..=LONGEST_LOCAL_PART).contains(&local.len()) && !local.contains('@');
        let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
        let whole = address.len() <= LONGEST && visible && local_part && labels && domain.contains('.');
        if whole { Ok(Self(address)) } else { Err(InvalidEmail) }
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Email {
    fn schema_name() -> Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "email", "maxLength": LONGEST})
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one_address() {
        assert_eq!(" Ada@Example.COM ".parse::<Email>().unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn what_mail_cannot_be_sent_to_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in
            ["", "ada", "@example.com", "ada@", "ada@example", "ada@.com", "a b@example.com", "a@b@c.com", &long]
        {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
    }
}
