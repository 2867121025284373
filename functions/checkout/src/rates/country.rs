//! Countries.

use std::{borrow::Cow, fmt};

use addresses::UNKNOWN_COUNTRY;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The code of a country that exists (ISO 3166-1 alpha-2), in upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Country(String);

/// A text that is not the code of a country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{UNKNOWN_COUNTRY}")]
pub(crate) struct InvalidCountry;

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(code: String) -> Result<Self, InvalidCountry> {
        if addresses::is_country(&code) { Ok(Self(code)) } else { Err(InvalidCountry) }
    }
}

impl Country {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Country> for String {
    fn from(Country(code): Country) -> Self {
        code
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Z]{2}$"})
    }
}
