//! E-mail addresses.

use std::{borrow::Cow, fmt, str::FromStr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use lambda::nfc;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The maximum length of an e-mail address (RFC 5321).
const LONGEST: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;

/// An e-mail address, in a form in which two spellings are the same account: in lower case, the local part in
/// Unicode Normalization Form C and the domain in ASCII (IDNA, UTS 46). Only its form is checked, not whether mail
/// arrives.
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
        let (local, domain) = text.trim().rsplit_once('@').ok_or(InvalidEmail)?;
        // Lower case can be decomposed where upper case is not.
        let local = nfc(&nfc(local).to_lowercase()).into_owned();
        let domain = Uts46::new()
            .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
            .map_err(|_| InvalidEmail)?;
        let visible = local.chars().all(|c| !c.is_whitespace() && !c.is_control());
        let local_part = (1..=LONGEST_LOCAL_PART).contains(&local.len()) && !local.contains('@');
        let address = format!("{local}@{domain}");
        let whole = address.len() <= LONGEST && visible && local_part && domain.contains('.');
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
        let form = |text: &str| text.parse::<Email>().unwrap().as_str().to_owned();
        assert_eq!(form(" Ada@Example.COM "), "ada@example.com");
        assert_eq!(form("ZOE\u{308}@example.com"), "zoë@example.com");
        for domain in ["bücher.example", "BU\u{308}CHER.example", "xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE"] {
            assert_eq!(form(&format!("ada@{domain}")), "ada@xn--bcher-kva.example");
        }
        assert_eq!(form("ada@example。com"), "ada@example.com", "the ideographic full stop is a dot");
    }

    #[test]
    fn what_mail_cannot_be_sent_to_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@.com",
            "a b@example.com",
            "a@b@c.com",
            &long,
            "ada@exa mple.com",
            "ada@-example.com",
            "ada@example..com",
            "ada@exa_mple.com",
            "ada@xn--a.example",
            "ada@\u{202e}example.com",
            "ada@example.com/x",
        ] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
    }
}
