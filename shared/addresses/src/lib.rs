//! The address formats of countries: which fields an address needs, which regions there are, and what postcodes look
//! like.
//!
//! The data is Google's address metadata, the data of libaddressinput, reduced to what is checked here. `generate.py`
//! writes it to `src/countries.txt`, which names the version and the license.
//!
//! Real addresses differ from every list. So a wrong address is refused only if a carrier could not deliver to it: the
//! country does not exist, or a required field is missing. A region is required only where tax or postage depends on
//! it, and only there must it be one of a list. A postcode of an unusual form is accepted with an [`AddressWarning`].
#![deny(missing_docs)]

mod format;
#[cfg(test)]
mod tests;

use contracts::Address;
use lambda::{FieldError, Problem};
use schemars::JsonSchema;
use serde::Serialize;

use crate::format::{City, Format, Postcode, find_region, regions};

/// Whether ISO 3166-1 has this country code (alpha-2, in upper case).
pub fn is_country(code: &str) -> bool {
    Format::of(code).is_some()
}

/// The code of a region, where the country has a list of regions: `CA` for `California`, `US-CA` or `ca`. `None` if the
/// list does not contain it, or the country has no list.
pub fn region_code(country: &str, region: &str) -> Option<&'static str> {
    find_region(country, region).filter(|_| lists_regions(country))
}

/// Whether the country has a list of regions, one of which each address names.
pub fn lists_regions(country: &str) -> bool {
    Format::of(country).is_some_and(|format| format.lists_regions)
}

/// What a form for addresses of a country asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whether an address must have a city.
    pub city: bool,
    /// Whether an address has a region: one of the list, or any text if the list is empty.
    pub region: bool,
    /// The regions of the country's list: code and name.
    pub regions: Vec<(&'static str, &'static str)>,
    /// Whether an address must have a postcode. `None` if the country has no postcodes.
    pub postcode: Option<bool>,
    /// A postcode of the country. Empty if none is known.
    pub postcode_example: &'static str,
}

/// What a form for addresses of a country asks for. `None` if there is no such country.
pub fn asked(country: &str) -> Option<Asked> {
    let format = Format::of(country)?;
    let listed = regions(country).filter(|_| format.lists_regions);
    Some(Asked {
        city: format.city == City::Required,
        region: format.lists_regions || format.city == City::OrRegion,
        regions: listed.map(|region| (region.code, region.names.split('|').next().unwrap_or(region.code))).collect(),
        postcode: match format.postcode {
            Postcode::Required => Some(true),
            Postcode::Optional => Some(false),
            Postcode::None => None,
        },
        postcode_example: format.example,
    })
}

/// Checks an address in the field `address` of a request against the format of its country. Returns it with the code of
/// its region, where the country has a list of regions: `CA` for `California`.
///
/// # Errors
/// A problem with status 422 that names each wrong field and what is allowed.
pub fn check(address: Address) -> Result<Address, Problem> {
    let Some(format) = Format::of(&address.country) else {
        return Err(Problem::invalid("/address/country", UNKNOWN_COUNTRY));
    };
    let Address { country, city, region, postcode, .. } = &address;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: String| {
        errors.push(FieldError { pointer: format!("/address/{field}"), detail });
    };
    match format.city {
        City::Required if city.is_none() => wrong("city", format!("is required for {country}")),
        City::OrRegion if city.is_none() && region.is_none() => {
            wrong("city", format!("is required for {country}, unless region is given"));
        }
        _ => {}
    }
    if format.postcode == Postcode::Required && postcode.is_none() {
        wrong("postcode", format!("is required for {country}, such as {}", format.example));
    }
    let code = region.as_ref().and_then(|region| find_region(country, region));
    if format.lists_regions && code.is_none() {
        let required = if region.is_none() { format!("is required for {country} and ") } else { String::new() };
        let codes: Vec<_> = regions(country).map(|region| region.code).collect();
        wrong("region", format!("{required}must be one of: {}", codes.join(", ")));
    }
    if errors.is_empty() {
        let region = code.map(str::to_owned).or(address.region);
        Ok(Address { region, ..address })
    } else {
        Err(Problem::invalid_fields(errors))
    }
}

/// The text for a country code that does not exist.
pub const UNKNOWN_COUNTRY: &str = "must be a country code of ISO 3166-1 alpha-2, such as GB";

/// A warning about an address that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressWarning {
    /// What the warning is about.
    pub code: AddressWarningCode,
    /// The warning as text, for display.
    pub detail: String,
}

/// What a warning about an address is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddressWarningCode {
    /// The postcode does not have the form that is usual in its country.
    UnusualPostcode,
}

/// Warnings about an address for its customer.
pub fn warnings(address: &Address) -> Vec<AddressWarning> {
    let Address { country, postcode, .. } = address;
    let found = Format::of(country).zip(postcode.as_ref());
    let detail = found.and_then(|(format, postcode)| match format.postcode {
        Postcode::None => Some(format!("Addresses in {country} have no postcode.")),
        _ if format.is_usual(postcode) => None,
        _ => {
            Some(format!("The postcode has an unusual form for {country}. A usual one looks like {}.", format.example))
        }
    });
    detail.into_iter().map(|detail| AddressWarning { code: AddressWarningCode::UnusualPostcode, detail }).collect()
}
