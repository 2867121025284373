//! Message attributes and the checksum over them.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{invalid, message::check_text};
use crate::wire::Fault;

/// The attributes of a message by name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Attributes(BTreeMap<String, Value>);

/// One attribute as it is on the wire; exactly one of the values is given.
#[expect(clippy::struct_field_names, reason = "names of the wire")]
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Value {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl Attributes {
    /// Checks what a sender gave. None if there are none.
    pub(super) fn parse(given: BTreeMap<String, Value>) -> Result<Option<Self>, Fault> {
        if given.len() > 10 {
            return Err(invalid(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [10].",
                given.len()
            )));
        }
        for (name, value) in &given {
            value.check(name)?;
        }
        Ok((!given.is_empty()).then_some(Self(given)))
    }

    pub(super) fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// What they count towards the size of a message, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.data_type.len() + value.bytes().len()).sum()
    }

    /// Those that a receiver asks for: by name, by `prefix.*`, or all of them by `All` or `.*`.
    pub(super) fn selected(&self, names: &[String]) -> Option<Self> {
        let wanted = |attribute: &str| {
            names.iter().any(|name| match name.strip_suffix(".*") {
                Some(prefix) => attribute.starts_with(prefix),
                None => name == "All" || name == attribute,
            })
        };
        let selected: BTreeMap<_, _> =
            self.0.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        (!selected.is_empty()).then_some(Self(selected))
    }

    /// As SQS defines it: of each attribute in the order of names, length and bytes of name and type, one byte for
    /// the kind of value, length and bytes of the value.
    pub(super) fn md5(&self) -> String {
        let mut all = md5::Context::new();
        let consume = |all: &mut md5::Context, bytes: &[u8]| {
            all.consume(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            all.consume(bytes);
        };
        for (name, value) in &self.0 {
            consume(&mut all, name.as_bytes());
            consume(&mut all, value.data_type.as_bytes());
            all.consume([if value.binary_value.is_some() { 2 } else { 1 }]);
            consume(&mut all, &value.bytes());
        }
        format!("{:x}", all.compute())
    }
}

impl Value {
    fn check(&self, name: &str) -> Result<(), Fault> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let reserved = name.to_ascii_lowercase();
        if name.is_empty() || name.len() > 256 || !name.chars().all(allowed) {
            return Err(invalid(format!("The message attribute name '{name}' is not valid.")));
        }
        if reserved.starts_with("aws.") || reserved.starts_with("amazon.") {
            return Err(invalid(format!("The message attribute name '{name}' begins with a reserved prefix.")));
        }
        let kind = self.data_type.split('.').next().unwrap_or_default();
        match (kind, &self.string_value, &self.binary_value) {
            ("String", Some(text), None) => check_text(text),
            ("Number", Some(text), None) if text.parse::<f64>().is_ok() => Ok(()),
            ("Binary", None, Some(text)) if BASE64_STANDARD.decode(text).is_ok_and(|bytes| !bytes.is_empty()) => Ok(()),
            ("String" | "Number" | "Binary", ..) => Err(invalid(format!(
                "The message attribute '{name}' must have one value of the type {}.",
                self.data_type
            ))),
            _ => Err(invalid(format!("The message attribute '{name}' has the invalid type '{}'.", self.data_type))),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(text)) => BASE64_STANDARD.decode(text).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}
