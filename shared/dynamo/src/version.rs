//! The version of an entity, and the attributes that are stored with it.

use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, item::Item};

/// The number of changes of an entity when it was read. It is 0 for an entity that is not stored yet. Only a commit
/// raises it.
///
/// It also keeps the attributes that the store adds to the entity, from a read to the next save.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Form", into = "Form")]
pub struct Version {
    number: u64,
    kept: Kept,
}

/// The attributes that the store adds to an entity.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    /// The stamps of the last changes that were single puts, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) stamps: Vec<u64>,
    /// The place in the index `due`, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due_at: Option<i64>,
    /// The request that created the entity, if the entity's id is derived from its idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_by: Option<CreatedBy>,
}

/// A request that created an entity: beginning of its fingerprint, `@`, milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct CreatedBy {
    fingerprint: String,
    pub(crate) at: Timestamp,
}

/// 96 bits of a keyed hash, as base64, which every stored byte is billed for.
const FINGERPRINT: usize = 16;

impl CreatedBy {
    pub(crate) fn new(fingerprint: &str, at: Timestamp) -> Self {
        Self { fingerprint: fingerprint.chars().take(FINGERPRINT).collect(), at }
    }

    pub(crate) fn is_of(&self, fingerprint: &str) -> bool {
        *self == Self::new(fingerprint, self.at)
    }
}

impl From<CreatedBy> for String {
    fn from(CreatedBy { fingerprint, at }: CreatedBy) -> Self {
        format!("{fingerprint}@{}", at.as_millisecond())
    }
}

impl TryFrom<String> for CreatedBy {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (fingerprint, at) = text.split_once('@').ok_or("no time")?;
        let at = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok()).ok_or("not a time")?;
        Ok(Self { fingerprint: fingerprint.to_owned(), at })
    }
}

/// The names of the attributes of [`Kept`].
const KEPT: [&str; 3] = ["stamps", "dueAt", "createdBy"];

impl Version {
    /// Creates a version from a number, such as that of an event. An entity that is read already has its version.
    pub const fn of(number: u64) -> Self {
        Self { number, kept: Kept { stamps: Vec::new(), due_at: None, created_by: None } }
    }

    /// The number of changes.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When the entity was created, if its id is derived from the idempotency key of a request.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.kept.created_by.as_ref().map(|by| by.at)
    }

    pub(crate) fn set_created_by(&mut self, request: CreatedBy) {
        self.kept.created_by = Some(request);
    }

    /// The place in the index `due`, in milliseconds since the epoch.
    pub(crate) const fn due_at(&self) -> Option<i64> {
        self.kept.due_at
    }

    /// The version after a change, from its number and the new item, if one is stored.
    pub(crate) fn raised(&self, number: u64, item: Option<&Item>) -> Self {
        let due_at = item.and_then(|item| item.get("dueAt"));
        let due_at = due_at.and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
        Self { number, kept: Kept { due_at, ..self.kept.clone() } }
    }

    /// Removes the version from the item of a serialised entity. An item without a version is written only once; its
    /// version is 0 before that.
    pub(crate) fn take(item: &mut Item) -> Result<Self, Error> {
        let version = item.remove("version").map(serde_dynamo::from_attribute_value).transpose();
        Ok(version.map_err(Error::malformed)?.unwrap_or_default())
    }

    /// Adds the version and the attributes of [`Kept`] to an item.
    pub(crate) fn put(&self, item: &mut Item) -> Result<(), Error> {
        item.insert("version".to_owned(), AttributeValue::N(self.number.to_string()));
        let kept: Item = serde_dynamo::to_item(&self.kept).map_err(Error::malformed)?;
        item.extend(kept);
        Ok(())
    }

    /// Moves the attributes of [`Kept`] of an item into its version, so that the entity is read with them.
    pub(crate) fn gather(item: &mut Item) {
        let kept: Item = KEPT.iter().filter_map(|name| item.remove_entry(*name)).collect();
        if let Some(number) = item.get("version").cloned().filter(|_| !kept.is_empty()) {
            let whole = [("number".to_owned(), number), ("kept".to_owned(), AttributeValue::M(kept))];
            item.insert("version".to_owned(), AttributeValue::M(whole.into()));
        }
    }
}

impl From<&Version> for u64 {
    fn from(version: &Version) -> Self {
        version.number
    }
}

/// Two versions are equal if their numbers are equal.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Version {}

impl PartialEq<u64> for Version {
    fn eq(&self, other: &u64) -> bool {
        self.number == *other
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

/// The serialised form of a version: a number, unless it has attributes of [`Kept`].
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Number(u64),
    Whole { number: u64, kept: Kept },
}

impl From<Form> for Version {
    fn from(form: Form) -> Self {
        match form {
            Form::Number(number) => Self::of(number),
            Form::Whole { number, kept } => Self { number, kept },
        }
    }
}

impl From<Version> for Form {
    fn from(Version { number, kept }: Version) -> Self {
        if kept == Kept::default() { Self::Number(number) } else { Self::Whole { number, kept } }
    }
}
