//! Deserializes the values of an input. Texts are bound in their form, parameters of path and query take the type of
//! their field, and an error keeps what was wrong instead of a sentence about Rust types.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserializer,
    de::{
        self, IntoDeserializer, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use crate::text::{self, Kind};

/// The fields of an input by name.
pub(crate) type Fields = BTreeMap<String, Field>;

/// The value of a field.
pub(crate) struct Field {
    pub(super) value: Value,
    /// Whether it is a text from path or query, which is converted to the type of the field.
    pub(super) is_parameter: bool,
    /// Whether it is in the path.
    pub(super) is_in_path: bool,
}

/// How the texts of an input are read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) kind: Kind,
    pub(super) normalize: fn(&str) -> Cow<'_, str>,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) enum Fault {
    /// A required field is missing.
    Missing(&'static str),
    /// The input has no field with this name.
    Unknown(String),
    /// The value has another type than its field, or is not among its values.
    Other,
    /// A type of the input says what it allows.
    Said(String),
}

/// A value, and how it is read.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    content: Content<'a>,
    reading: Reading,
}

#[derive(Clone, Copy)]
enum Content<'a> {
    Json(&'a Value),
    /// A text from path or query.
    Parameter(&'a str),
}

impl<'a> Node<'a> {
    pub(super) fn of(field: &'a Field, reading: Reading) -> Self {
        let content = match &field.value {
            Value::String(text) if field.is_parameter => Content::Parameter(text),
            value => Content::Json(value),
        };
        Self { content, reading }
    }

    fn with(self, content: Content<'a>) -> Self {
        Self { content, ..self }
    }

    /// The form in which a text within the value is bound.
    fn text(self, text: &str) -> Result<String, Fault> {
        text::bound(text, self.reading.kind, self.reading.normalize).map_err(de::Error::custom)
    }

    fn seq<'de, V: Visitor<'de>>(self, items: &'a [Value], visitor: V) -> Result<V::Value, Fault> {
        let items = items.iter().map(|item| self.with(Content::Json(item)));
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    /// The fields of an object, by names that are as they were sent.
    fn fields(self, fields: &'a Map<String, Value>) -> impl Iterator<Item = (&'a str, Self)> {
        fields.iter().map(move |(name, value)| (name.as_str(), self.with(Content::Json(value))))
    }
}

impl IntoDeserializer<'_, Fault> for Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads a parameter as a number or a boolean if its field has that type.
macro_rules! parsed {
    ($($method:ident: $type:ty => $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.content {
                Content::Parameter(text) => visitor.$visit(text.trim().parse::<$type>().map_err(|_| Fault::Other)?),
                Content::Json(_) => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Fault;

    parsed! {
        deserialize_bool: bool => visit_bool;
        deserialize_i32: i32 => visit_i32;
        deserialize_i64: i64 => visit_i64;
        deserialize_u16: u16 => visit_u16;
        deserialize_u32: u32 => visit_u32;
        deserialize_u64: u64 => visit_u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.content {
            // Bytes that are not UTF-8 were decoded to this character. No client means it.
            Content::Parameter(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
                Err(de::Error::custom("must be text in UTF-8, percent-encoded"))
            }
            Content::Parameter(text) => visitor.visit_string(self.text(text)?),
            Content::Json(Value::Null) => visitor.visit_unit(),
            Content::Json(Value::Bool(value)) => visitor.visit_bool(*value),
            Content::Json(Value::Number(number)) => number.deserialize_any(visitor).map_err(|_| Fault::Other),
            Content::Json(Value::String(text)) => visitor.visit_string(self.text(text)?),
            Content::Json(Value::Array(items)) => self.seq(items, visitor),
            Content::Json(Value::Object(fields)) => visitor.visit_map(MapDeserializer::new(self.fields(fields))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.content {
            Content::Json(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// A list in a query is separated by commas: `?skus=A,B`.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.content {
            Content::Parameter(text) => {
                let items = text.split(',').filter(|item| !item.is_empty());
                visitor.visit_seq(SeqDeserializer::new(items.map(|item| self.with(Content::Parameter(item)))))
            }
            Content::Json(Value::Array(items)) => self.seq(items, visitor),
            Content::Json(_) => Err(Fault::Other),
        }
    }

    /// An object whose names are texts too: two spellings of a name are one name.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Content::Json(Value::Object(fields)) = self.content else { return Err(Fault::Other) };
        let mut by_name = BTreeMap::new();
        for (name, node) in self.fields(fields) {
            if by_name.insert(self.text(name)?, node).is_some() {
                return Err(de::Error::custom("must have each name once"));
            }
        }
        visitor.visit_map(MapDeserializer::new(by_name.into_iter()))
    }

    /// Only an object: the derived visitor would also take a list of the fields.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Content::Json(Value::Object(fields)) = self.content else { return Err(Fault::Other) };
        visitor.visit_map(MapDeserializer::new(self.fields(fields)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.content {
            Content::Parameter(text) => visitor.visit_enum(text.into_deserializer()),
            Content::Json(Value::String(text)) => visitor.visit_enum(text.as_str().into_deserializer()),
            Content::Json(Value::Object(fields)) => {
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(self.fields(fields))))
            }
            Content::Json(_) => Err(Fault::Other),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // In an input that is read as it was sent, every text is.
        if self.reading.kind != Kind::Exact {
            self.reading.kind = Kind::of(name).unwrap_or(self.reading.kind);
        }
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Said(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::Other
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::Other
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self::Other
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Other
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown(name.to_owned())
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Fault {}
