//! Input: path parameters, query string and JSON body, bound by name into one struct.

use std::collections::BTreeMap;

use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};
use serde_json::Value;

use crate::{FieldError, Problem, Request, body, json};

/// An input type of an operation.
pub trait Input: Sized + Send {
    /// Reads and validates the input of a request.
    fn bind(request: &Request<'_>) -> Result<Self, Problem>;

    /// Reads and validates the payload of an invocation with IAM.
    fn from_json(value: Value) -> Result<Self, Problem>;

    /// The schema of the input, for the published contract.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

impl<T> Input for T
where
    T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send,
{
    fn bind(request: &Request<'_>) -> Result<Self, Problem> {
        read(fields(request)?)
    }

    fn from_json(value: Value) -> Result<Self, Problem> {
        read(object(value)?)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// The unchanged body of a request with its headers, to verify a signature over it.
#[derive(Debug, Clone)]
pub struct RawBody {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The request's headers.
    pub headers: http::HeaderMap,
}

impl Input for RawBody {
    fn bind(request: &Request<'_>) -> Result<Self, Problem> {
        if let Some((name, _)) = form_urlencoded::parse(request.query().as_bytes()).next() {
            return Err(Problem::invalid(format!("/{name}"), "is not a field here"));
        }
        Ok(Self { bytes: request.body().to_vec(), headers: request.headers() })
    }

    fn from_json(_: Value) -> Result<Self, Problem> {
        Err(Problem::invalid("", "this operation takes an HTTP request"))
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"description": "A body that is taken as it is."})
    }
}

/// The maximum number of wrong fields in a response, and the maximum length of input that it repeats. A response must
/// stay small even if the input is large.
const MOST_ERRORS: usize = 100;
pub(crate) const LONGEST_TEXT: usize = 300;

type Fields = BTreeMap<String, Field>;

/// The value of a field: JSON, or a text from path or query, which is converted to the type of the field.
enum Field {
    Text(String),
    Json(Value),
}

impl Field {
    /// The texts in the value that contain invisible or misleading characters.
    fn illegible(&self, name: &str) -> Vec<FieldError> {
        let pointer = format!("/{name}");
        match self {
            Self::Text(text) => json::illegible(&text.as_str().into(), &pointer),
            Self::Json(value) => json::illegible(value, &pointer),
        }
    }
}

fn fields(request: &Request<'_>) -> Result<Fields, Problem> {
    let mut fields = if request.body().is_empty() { Fields::new() } else { object(body::read(request)?)? };
    // Caches and logs identify a request by its URL. So a request that reads or removes something has no body.
    let misplaced = if matches!(request.method(), "GET" | "DELETE") {
        fields.keys().next().map(|name| (name.clone(), "is not a field of the body"))
    } else {
        request.query_parameters().next().map(|(name, _)| (name.into_owned(), "is not a field of the query"))
    };
    if let Some((name, wrong)) = misplaced {
        return Err(Problem::invalid(format!("/{name}"), wrong));
    }
    for (name, value) in request.parameters() {
        if fields.insert(name.to_string(), Field::Text(value.into_owned())).is_some() {
            return Err(Problem::invalid(format!("/{name}"), "is given more than once"));
        }
    }
    Ok(fields)
}

fn object(value: Value) -> Result<Fields, Problem> {
    match value {
        Value::Object(map) => Ok(map.into_iter().map(|(name, value)| (name, Field::Json(value))).collect()),
        _ => Err(Problem::invalid("", "must be a JSON object")),
    }
}

fn read<T: DeserializeOwned + Validate<Context = ()>>(fields: Fields) -> Result<T, Problem> {
    let illegible: Vec<_> = fields.iter().flat_map(|(name, field)| field.illegible(name)).take(MOST_ERRORS).collect();
    if !illegible.is_empty() {
        return Err(Problem::invalid_fields(illegible));
    }
    let map = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    let input: T = serde_path_to_error::deserialize(map).map_err(|error| unreadable(&error))?;
    input.validate().map_err(|report| {
        let errors = report
            .iter()
            .take(MOST_ERRORS)
            .map(|(path, error)| FieldError { pointer: pointer(&path.to_string()), detail: error.to_string() });
        Problem::invalid_fields(errors.collect())
    })?;
    Ok(input)
}

/// The field that could not be read. Serde names a missing or unknown field only in its message.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (path, message) = (short(&error.path().to_string()), short(&error.inner().to_string()));
    let mut at = pointer(if path == "." { "" } else { &path });
    let quoted = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        at = format!("{at}/{quoted}");
        return Problem::invalid(at, "is required");
    }
    if message.starts_with("unknown field") {
        let allowed = message.split_once(", ").map_or("", |(_, allowed)| allowed);
        if !at.ends_with(&format!("/{quoted}")) {
            at = format!("{at}/{quoted}");
        }
        return Problem::invalid(at, format_args!("is not a field here; {allowed}"));
    }
    Problem::invalid(at, message)
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// `variants[0].prices[0].valid_from` as `/variants/0/prices/0/validFrom`.
fn pointer(path: &str) -> String {
    let parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.fold(String::new(), |pointer, part| pointer + "/" + &camel_case(part))
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let mut letters = word.chars();
        camel + &letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    })
}

impl IntoDeserializer<'_, serde_json::Error> for Field {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads a text as a number or a boolean if the field has that type.
macro_rules! parsed {
    ($($method:ident: $type:ty => $visit:ident, $expected:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            match self {
                Self::Json(value) => value.$method(visitor),
                Self::Text(text) => match text.parse::<$type>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(de::Error::invalid_value(de::Unexpected::Str(&text), &$expected)),
                },
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Field {
    type Error = serde_json::Error;

    parsed! {
        deserialize_bool: bool => visit_bool, "true or false";
        deserialize_i32: i32 => visit_i32, "a whole number";
        deserialize_i64: i64 => visit_i64, "a whole number";
        deserialize_u16: u16 => visit_u16, "a whole number";
        deserialize_u32: u32 => visit_u32, "a whole number from 0 on";
        deserialize_u64: u64 => visit_u64, "a whole number from 0 on";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Text(text) => visitor.visit_string(text),
            Self::Json(value) => value.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Text(_) => visitor.visit_some(self),
            Self::Json(value) => value.deserialize_option(visitor),
        }
    }

    /// A list in a query is separated by commas: `?skus=A,B`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Text(text) => {
                let items = text.split(',').filter(|item| !item.is_empty()).map(|item| Self::Text(item.to_owned()));
                visitor.visit_seq(de::value::SeqDeserializer::new(items))
            }
            Self::Json(value) => value.deserialize_seq(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self {
            Self::Text(text) => visitor.visit_enum(text.into_deserializer()),
            Self::Json(value) => value.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use contracts::{OrderId, Role};
    use lambda_runtime::Context;
    use serde::Deserialize;
    use serde_json::{json, value::to_raw_value};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema, Validate)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Sample {
        #[garde(skip)]
        order_id: Option<OrderId>,
        #[garde(range(min = 1, max = 9))]
        how_many: u32,
        #[garde(skip)]
        #[serde(default)]
        roles: Vec<Role>,
        #[garde(dive)]
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema, Validate)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Part {
        #[garde(length(min = 1))]
        part_name: String,
    }

    fn texts(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), Field::Text((*text).to_owned()))).collect()
    }

    fn pointers(problem: Problem) -> Vec<String> {
        let Problem::Known(details) = problem else { panic!("{problem}") };
        details.errors.into_iter().map(|error| error.pointer).collect()
    }

    fn from_json(json: &str) -> Result<Sample, Problem> {
        <Sample as Input>::from_json(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn texts_of_path_and_query_take_the_type_of_their_field() {
        let read: Sample = read(texts(&[
            ("orderId", "ord_0000000000000000000000000000002a"),
            ("howMany", "3"),
            ("roles", "guest,admin"),
        ]))
        .unwrap();
        assert_eq!((read.how_many, read.roles), (3, vec![Role::Guest, Role::Admin]));
        assert_eq!(pointers(super::read::<Sample>(texts(&[("howMany", "many")])).unwrap_err()), ["/howMany"]);
    }

    #[test]
    fn a_request_that_reads_or_removes_says_in_its_address_what_it_is_about() {
        let bound = |method: &str, body: &str| {
            let headers = json!({"content-type": "application/json"});
            let event = json!({"headers": headers, "body": body, "requestContext": {"http": {"method": method}}});
            let event = to_raw_value(&event).unwrap();
            Sample::bind(&Request::read(&event, Context::default()).unwrap())
        };
        assert_eq!(bound("POST", r#"{"howMany": 3}"#).unwrap().how_many, 3);
        for method in ["GET", "DELETE"] {
            let problem = bound(method, r#"{"howMany": 3}"#).unwrap_err().to_string();
            assert!(problem.ends_with("/howMany is not a field of the body"), "{method}: {problem}");
            // An empty body is accepted: the problem reports the missing field, not the body.
            let problem = bound(method, "{}").unwrap_err().to_string();
            assert!(problem.ends_with("/howMany is required"), "{method}: {problem}");
        }
    }

    #[test]
    fn what_a_request_changes_does_not_stand_in_its_address() {
        let event =
            |method: &str| json!({"rawQueryString": "howMany=3", "requestContext": {"http": {"method": method}}});
        let bound = |method: &str| {
            let event = to_raw_value(&event(method)).unwrap();
            Sample::bind(&Request::read(&event, Context::default()).unwrap())
        };
        assert_eq!(bound("GET").unwrap().how_many, 3);
        for method in ["POST", "PUT", "PATCH"] {
            let problem = bound(method).unwrap_err().to_string();
            assert!(problem.ends_with("/howMany is not a field of the query"), "{method}: {problem}");
        }
    }

    #[test]
    fn every_invalid_field_is_named() {
        let problem = from_json(r#"{"howMany": 10, "parts": [{"partName": "a"}, {"partName": ""}]}"#).unwrap_err();
        assert_eq!(pointers(problem), ["/howMany", "/parts/1/partName"]);
    }

    #[test]
    fn an_answer_stays_small_however_wrong_the_input() {
        let parts = vec![r#"{"partName": ""}"#; 1000].join(",");
        let problem = from_json(&format!(r#"{{"howMany": 1, "parts": [{parts}]}}"#)).unwrap_err();
        assert_eq!(pointers(problem).len(), MOST_ERRORS);
        let long = "x".repeat(10_000);
        for json in [format!(r#"{{"howMany": "{long}"}}"#), format!(r#"{{"howMany": 1, "{long}": 1}}"#)] {
            let problem = from_json(&json).unwrap_err();
            assert!(problem.to_string().len() < 3 * LONGEST_TEXT, "{problem}");
        }
    }

    #[test]
    fn a_missing_surplus_or_mistyped_field_is_named() {
        assert_eq!(pointers(from_json("{}").unwrap_err()), ["/howMany"]);
        assert_eq!(pointers(from_json(r#"{"howMany": 1, "extra": 1}"#).unwrap_err()), ["/extra"]);
        assert_eq!(pointers(from_json(r#"{"howMany": 1, "parts": [{}]}"#).unwrap_err()), ["/parts/0/partName"]);
        assert_eq!(pointers(from_json(r#"{"howMany": "1"}"#).unwrap_err()), ["/howMany"]);
        assert_eq!(pointers(from_json(r#"{"howMany": 1, "orderId": "ord_1"}"#).unwrap_err()), ["/orderId"]);
    }
}
