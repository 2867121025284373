//! Replies: what an operation answers, as types.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::{RawValue, to_raw_value};

use crate::{Page, Problem, call::etag};

/// A reply with a body, a status, and where it applies a location and a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T, const STATUS: u16> {
    body: T,
    location: Option<String>,
    version: Option<u64>,
}

/// 200: here it is.
pub type Found<T> = Answer<T, 200>;
/// 201: it was made, at its `Location`.
pub type Created<T> = Answer<T, 201>;
/// 202: it will be done; look at its `Location`.
pub type Accepted<T> = Answer<T, 202>;
/// 204: done, and there is nothing to say.
pub type NoContent = Answer<(), 204>;

impl<T, const STATUS: u16> Answer<T, STATUS> {
    /// A reply with a body.
    pub const fn new(body: T) -> Self {
        Self { body, location: None, version: None }
    }

    /// A reply with a body, and the path of what it is about.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { body, location: Some(location.into()), version: None }
    }

    /// Says the version, as `ETag`.
    #[must_use]
    pub fn version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// The body.
    pub fn body(&self) -> &T {
        &self.body
    }
}

impl NoContent {
    /// Done.
    pub const DONE: Self = Self::new(());
}

/// A reply as it is sent, and as it is kept beside an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rendered {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) location: Option<String>,
    #[serde(default)]
    pub(crate) version: Option<u64>,
    /// The body, as it is written.
    #[serde(default)]
    pub(crate) body: Option<Box<RawValue>>,
    /// The cursor of a page that follows.
    #[serde(default)]
    pub(crate) next: Option<String>,
}

impl Rendered {
    pub(crate) fn etag(&self) -> Option<String> {
        self.version.map(etag)
    }
}

/// Written like [`Rendered`], for `Commit::answer`.
impl<T: Serialize, const STATUS: u16> Serialize for Answer<T, STATUS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rendered = serializer.serialize_struct("Rendered", 4)?;
        rendered.serialize_field("status", &STATUS)?;
        rendered.serialize_field("location", &self.location)?;
        rendered.serialize_field("version", &self.version)?;
        rendered.serialize_field("body", &self.body)?;
        rendered.end()
    }
}

/// The shape of a reply, for the published contract.
#[derive(Debug, Clone, Copy)]
pub struct ReplyShape {
    /// The HTTP status.
    pub status: u16,
    /// The schema of the body; none without a body.
    pub schema: Option<fn(&mut SchemaGenerator) -> Schema>,
}

/// What an operation may answer.
pub trait Reply: Send {
    /// Status and schema.
    fn shape() -> ReplyShape;

    /// The reply as it is sent.
    fn render(self) -> Result<Rendered, Problem>;
}

impl<T: Serialize + JsonSchema + Send, const STATUS: u16> Reply for Answer<T, STATUS> {
    fn shape() -> ReplyShape {
        ReplyShape { status: STATUS, schema: (STATUS != 204).then_some(SchemaGenerator::subschema_for::<T>) }
    }

    fn render(self) -> Result<Rendered, Problem> {
        let body = match STATUS {
            204 => None,
            _ => Some(to_raw_value(&self.body).map_err(Problem::internal)?),
        };
        Ok(Rendered { status: STATUS, location: self.location, version: self.version, body, next: None })
    }
}

impl<T: Serialize + JsonSchema + Send> Reply for Page<T> {
    fn shape() -> ReplyShape {
        ReplyShape { status: 200, schema: Some(page_schema::<T>) }
    }

    fn render(self) -> Result<Rendered, Problem> {
        let body = to_raw_value(&PageBody { items: &self.items, next_cursor: self.next.as_deref() });
        let body = body.map_err(Problem::internal)?;
        Ok(Rendered { status: 200, location: None, version: None, body: Some(body), next: self.next })
    }
}

/// A page on the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageBody<'a, T> {
    items: &'a [T],
    next_cursor: Option<&'a str>,
}

fn page_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let item = generator.subschema_for::<T>();
    json_schema!({
        "type": "object",
        "required": ["items", "nextCursor"],
        "properties": {
            "items": {"type": "array", "items": item},
            "nextCursor": {"type": ["string", "null"]}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_as_it_is_sent() {
        let created = Created::at("/v1/orders/1", vec![1, 2]).version(3);
        let kept: Rendered = serde_json::from_str(&serde_json::to_string(&created).unwrap()).unwrap();
        let sent = created.render().unwrap();
        assert_eq!((kept.status, &kept.location, kept.version), (sent.status, &sent.location, sent.version));
        assert_eq!(kept.body.unwrap().get(), sent.body.unwrap().get());
    }
}
