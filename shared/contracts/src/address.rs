//! Postal addresses.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A postal address. It is personal data, and it is sealed before it leaves the service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// The recipient's name.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// Street and number.
    #[garde(length(chars, min = 1, max = 100))]
    pub line1: String,
    /// Flat, floor or company.
    #[garde(length(chars, min = 1, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City or town.
    #[garde(length(chars, min = 1, max = 100))]
    pub city: String,
    /// State, province or county, if addresses of the country have one.
    #[garde(length(chars, min = 1, max = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[garde(length(chars, min = 2, max = 16))]
    pub postcode: String,
    /// The country code (ISO 3166-1 alpha-2), in upper case.
    #[garde(custom(country_code))]
    pub country: String,
}

/// Checks the form of a country code. The shipping rates decide whether we ship to the country.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn country_code(code: &str, (): &()) -> garde::Result {
    let upper = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if upper { Ok(()) } else { Err(garde::Error::new("must be an ISO 3166-1 alpha-2 country code such as GB")) }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("country", &self.country).finish_non_exhaustive()
    }
}
