//! Postal addresses.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a parcel goes. Personal data: sealed whenever it leaves the service that needs it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// Who receives it.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// Street and number.
    #[garde(length(chars, min = 1, max = 100))]
    pub line1: String,
    /// Flat, floor, company.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City or town.
    #[garde(length(chars, min = 1, max = 100))]
    pub city: String,
    /// State, province or county, where the country has one in its addresses.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[garde(length(chars, min = 2, max = 16))]
    pub postcode: String,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(custom(country_code))]
    pub country: String,
}

/// Checks the form of a country code; whether Souk ships there is a matter of the shipping rates.
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
