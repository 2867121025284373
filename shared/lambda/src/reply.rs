//! The types of replies: status, body and headers.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::{RawValue, to_raw_value};

use crate::{Committed, Page, Problem};

pub(crate) const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// A reply with a status and a body, and optionally a location and a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReply<T, const STATUS: u16> {
    body: T,
    location: Option<String>,
    version: Option<u64>,
}

/// 200: the body is the requested resource.
pub type Found<T> = StatusReply<T, 200>;
/// 201: the resource was created at `Location`.
pub type Created<T> = StatusReply<T, 201>;
/// 202: the request was accepted. The resource at `Location` shows the progress.
pub type Accepted<T> = StatusReply<T, 202>;
/// 204: success, without a body.
pub type NoContent = StatusReply<(), 204>;

impl<T, const STATUS: u16> StatusReply<T, STATUS> {
    /// A reply with a body.
    pub const fn new(body: T) -> Self {
        Self { body, location: None, version: None }
    }

    /// A reply with a body, and the path of the resource.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { body, location: Some(location.into()), version: None }
    }

    /// Sets the version, which is sent as `ETag`.
    #[must_use]
    pub fn version(self, version: impl Into<u64>) -> Self {
        Self { version: Some(version.into()), ..self }
    }
}

impl NoContent {
    /// The reply 204.
    pub const DONE: Self = Self::new(());
}

/// 200: a CSV file to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFile {
    name: String,
    text: String,
}

impl CsvFile {
    /// A file with a name, such as `stock.csv`, of ASCII letters, digits and `.`, `_` and `-`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    pub(crate) fn disposition(&self) -> String {
        format!("attachment; filename=\"{}\"", self.name)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A reply in the form in which it is sent, and stored with an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rendered {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) location: Option<String>,
    #[serde(default)]
    pub(crate) version: Option<u64>,
    /// The body, as JSON.
    #[serde(default)]
    pub(crate) body: Option<Box<RawValue>>,
    /// The cursor of the next page.
    #[serde(default)]
    pub(crate) next: Option<String>,
    /// The body, if it is a file. Such a reply is never stored.
    #[serde(skip)]
    pub(crate) file: Option<CsvFile>,
}

/// Serialised as [`Rendered`] is, for `Commit::answer`.
impl<T: Serialize, const STATUS: u16> Serialize for StatusReply<T, STATUS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rendered = serializer.serialize_struct("Rendered", 4)?;
        rendered.serialize_field("status", &STATUS)?;
        rendered.serialize_field("location", &self.location)?;
        rendered.serialize_field("version", &self.version)?;
        rendered.serialize_field("body", &self.body)?;
        rendered.end()
    }
}

/// The status and schema of a reply, for the published contract.
#[derive(Debug, Clone, Copy)]
pub struct ReplyShape {
    /// The HTTP status.
    pub status: u16,
    /// The schema of the body. `None` if there is no body.
    pub schema: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// The media type of the body.
    pub media_type: &'static str,
}

/// A type that an operation can reply with.
pub trait Reply: Send {
    /// Whether a POST with this reply needs an idempotency key. The reply to a change is stored with the key.
    const KEYED: bool = false;

    /// Status and schema.
    fn shape() -> ReplyShape;

    /// Converts the reply into the form in which it is sent.
    fn render(self) -> Result<Rendered, Problem>;
}

impl<T: Serialize + JsonSchema + Send, const STATUS: u16> Reply for StatusReply<T, STATUS> {
    fn shape() -> ReplyShape {
        let schema = (STATUS != 204).then_some(SchemaGenerator::subschema_for::<T> as _);
        ReplyShape { status: STATUS, schema, media_type: JSON }
    }

    fn render(self) -> Result<Rendered, Problem> {
        let body = match STATUS {
            204 => None,
            _ => Some(to_raw_value(&self.body).map_err(Problem::internal)?),
        };
        Ok(Rendered { status: STATUS, location: self.location, version: self.version, body, next: None, file: None })
    }
}

impl<R: Reply> Reply for Committed<R> {
    const KEYED: bool = true;

    fn shape() -> ReplyShape {
        R::shape()
    }

    fn render(self) -> Result<Rendered, Problem> {
        self.into_reply().render()
    }
}

impl<T: Serialize + JsonSchema + Send> Reply for Page<T> {
    fn shape() -> ReplyShape {
        ReplyShape { status: 200, schema: Some(page_schema::<T>), media_type: JSON }
    }

    fn render(self) -> Result<Rendered, Problem> {
        let body = to_raw_value(&PageBody { items: &self.items, next_cursor: self.next.as_deref() });
        let body = body.map_err(Problem::internal)?;
        Ok(Rendered { status: 200, location: None, version: None, body: Some(body), next: self.next, file: None })
    }
}

impl Reply for CsvFile {
    fn shape() -> ReplyShape {
        let schema: fn(&mut SchemaGenerator) -> Schema =
            |_| json_schema!({"type": "string", "description": "The content of the file."});
        ReplyShape { status: 200, schema: Some(schema), media_type: CSV }
    }

    fn render(self) -> Result<Rendered, Problem> {
        Ok(Rendered { status: 200, location: None, version: None, body: None, next: None, file: Some(self) })
    }
}

/// A page, as JSON.
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
        let created = Created::at("/v1/orders/1", vec![1, 2]).version(3_u64);
        let kept: Rendered = serde_json::from_str(&serde_json::to_string(&created).unwrap()).unwrap();
        let sent = created.render().unwrap();
        assert_eq!((kept.status, &kept.location, kept.version), (sent.status, &sent.location, sent.version));
        assert_eq!(kept.body.unwrap().get(), sent.body.unwrap().get());
    }
}
