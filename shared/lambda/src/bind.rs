//! Input: path parameters, query string and JSON body, bound by name into one struct.

mod explain;
mod node;

use std::borrow::Cow;

use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize,
    de::{DeserializeOwned, value::MapDeserializer},
};
use serde_json::Value;

use crate::{
    FieldError, Problem, Request, body, json,
    text::{Exact, Kind, nfc},
};
use explain::Shape;
pub(crate) use explain::shorten;
pub(crate) use node::Fields;
use node::{Fault, Field, Node, Reading};

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
        read(&fields(request)?, NORMALIZED)
    }

    fn from_json(value: Value) -> Result<Self, Problem> {
        read(&object(value)?, NORMALIZED)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T> Input for Exact<T>
where
    T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send,
{
    fn bind(request: &Request<'_>) -> Result<Self, Problem> {
        read(&fields(request)?, AS_SENT).map(Self)
    }

    fn from_json(value: Value) -> Result<Self, Problem> {
        read(&object(value)?, AS_SENT).map(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// The unchanged body of a request with its headers and the fields of its query: a file, or a body to verify a
/// signature over.
#[derive(Debug, Clone)]
pub struct RawBody<Q = NoQuery> {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The request's headers.
    pub headers: http::HeaderMap,
    /// The query.
    pub query: Q,
}

/// The query of a request that takes none.
#[derive(Debug, Clone, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

impl<Q> Input for RawBody<Q>
where
    Q: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send,
{
    fn bind(request: &Request<'_>) -> Result<Self, Problem> {
        let mut fields = Fields::new();
        add_parameters(&mut fields, request.query_parameters(), false)?;
        Ok(Self { bytes: request.body().to_vec(), headers: request.headers(), query: read(&fields, NORMALIZED)? })
    }

    fn from_json(_: Value) -> Result<Self, Problem> {
        Err(Problem::invalid("", "must be an HTTP request"))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Q>()
    }
}

const NORMALIZED: Reading = Reading { kind: Kind::Line, normalize: nfc };
/// Names no normalization, so that a function with this input alone does not contain the tables for it.
const AS_SENT: Reading = Reading { kind: Kind::Exact, normalize: |text| Cow::Borrowed(text) };

/// The fields of a form. A number in it is a text, as in a query.
pub(crate) fn form_fields<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Fields, Problem> {
    let mut fields = Fields::new();
    add_parameters(&mut fields, pairs.map(|(name, value)| (name.into(), value.into())), false)?;
    Ok(fields)
}

/// Reads and validates a form.
pub(crate) fn read_form<T>(fields: &Fields) -> Result<T, Problem>
where
    T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send,
{
    read(fields, NORMALIZED)
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
    add_parameters(&mut fields, request.path_parameters(), true)?;
    add_parameters(&mut fields, request.query_parameters(), false)?;
    Ok(fields)
}

fn add_parameters<'a>(
    fields: &mut Fields,
    parameters: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    is_in_path: bool,
) -> Result<(), Problem> {
    for (name, value) in parameters {
        let field = Field { value: value.into(), is_parameter: true, is_in_path };
        if fields.insert(name.to_string(), field).is_some() {
            return Err(Problem::invalid(format!("/{name}"), "is given more than once"));
        }
    }
    Ok(())
}

fn object(value: Value) -> Result<Fields, Problem> {
    match value {
        Value::Object(map) => Ok(map
            .into_iter()
            .map(|(name, value)| (name, Field { value, is_parameter: false, is_in_path: false }))
            .collect()),
        _ => Err(Problem::invalid("", "must be a JSON object")),
    }
}

fn read<T>(fields: &Fields, reading: Reading) -> Result<T, Problem>
where
    T: DeserializeOwned + Validate<Context = ()> + JsonSchema + Send,
{
    let illegible = fields.iter().flat_map(|(name, field)| json::illegible(&field.value, &format!("/{name}")));
    let illegible: Vec<_> = illegible.collect();
    if !illegible.is_empty() {
        return Err(refused(fields, illegible));
    }
    let shape = || Shape::of(<T as Input>::schema);
    let nodes = fields.iter().map(|(name, field)| (name.as_str(), Node::of(field, reading)));
    let input: T = serde_path_to_error::deserialize(MapDeserializer::<_, Fault>::new(nodes))
        .map_err(|error| refused(fields, shape().unreadable(fields, &error)))?;
    input.validate().map_err(|report| {
        let shape = shape();
        let errors =
            report.iter().map(|(path, error)| shape.out_of_bounds(pointer(&path.to_string()), error.to_string()));
        refused(fields, errors.collect())
    })?;
    Ok(input)
}

/// The problem of wrong fields. An id in the path that is not an id belongs to nothing, as one that is not known.
fn refused(fields: &Fields, errors: Vec<FieldError>) -> Problem {
    let absent = errors.iter().find_map(|error| {
        let name = error.pointer.strip_prefix('/')?;
        fields.get(name).filter(|field| field.is_in_path)?;
        name.strip_suffix("Id").map(words)
    });
    absent.map_or_else(|| Problem::invalid_fields(errors), Problem::not_found)
}

/// `paymentMethod` as "payment method".
fn words(name: &str) -> String {
    name.chars().fold(String::new(), |words, letter| {
        let space = if letter.is_ascii_uppercase() { " " } else { "" };
        format!("{words}{space}{}", letter.to_ascii_lowercase())
    })
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

#[cfg(test)]
mod tests;
