//! Postal addresses.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

// It is personal data, and other services get it only encrypted.
/// A postal address. The country determines which of the optional fields are required. An optional field that is empty
/// counts as absent.
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
    #[garde(length(chars, max = 100))]
    #[serde(default, deserialize_with = "none_if_blank", skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City or town. Required if addresses in the country have one.
    #[garde(length(chars, max = 100))]
    #[serde(default, deserialize_with = "none_if_blank", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or county. For the countries AU, BR, CA, IN, MX and US it is required: a code of ISO 3166-2
    /// without the country, such as `CA`, or a name, such as `California`, which is replaced by its code. Elsewhere it
    /// is optional and may be any text.
    #[garde(length(chars, max = 100))]
    #[serde(default, deserialize_with = "none_if_blank", skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code. Required if the country requires one. A postcode of an unusual form is accepted with a warning.
    #[garde(length(chars, max = 16))]
    #[serde(default, deserialize_with = "none_if_blank", skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// The country code (ISO 3166-1 alpha-2), in upper case.
    #[garde(custom(country_code))]
    pub country: String,
}

/// Reads a field that forms leave empty: a text without letters is none.
fn none_if_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

/// Checks the form of a country code. The crate `addresses` checks that the country exists, and the shipping rates decide
/// whether we ship to it.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_optional_field_that_is_empty_counts_as_absent() {
        let required = json!({"name": "Ada Wong", "line1": "88 Queensway", "country": "HK"});
        let absent: Address = serde_json::from_value(required.clone()).unwrap();
        for empty in [json!(""), json!(" "), json!(null)] {
            let mut given = required.clone();
            for field in ["line2", "city", "region", "postcode"] {
                given[field] = empty.clone();
            }
            let address: Address = serde_json::from_value(given).unwrap();
            assert!(address == absent && address.validate().is_ok(), "{empty}");
        }
        assert_eq!(serde_json::to_value(&absent).unwrap(), required, "absent fields are not written");
    }

    #[test]
    fn optional_fields_have_a_maximum_length() {
        for (field, most) in [("line2", 100), ("city", 100), ("region", 100), ("postcode", 16)] {
            let valid = |length: usize| {
                let mut address = json!({"name": "Ada Wong", "line1": "88 Queensway", "country": "HK"});
                address[field] = json!("x".repeat(length));
                serde_json::from_value::<Address>(address).unwrap().validate().is_ok()
            };
            assert!(valid(most) && !valid(most + 1), "{field}");
        }
    }
}
