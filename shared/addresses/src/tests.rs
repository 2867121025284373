use std::collections::BTreeSet;

use contracts::Address;

use crate::{
    AddressWarningCode, asked, check,
    format::{COUNTRIES, Format, Postcode, find_region, folded, regions},
    is_country, lists_regions, region_code, warnings,
};

/// The codes of all countries in the data.
fn countries() -> Vec<&'static str> {
    let rows = COUNTRIES.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('|').next()).filter(|code| code.len() == 2).collect()
}

fn address(country: &str) -> Address {
    Address {
        name: "Ada Lovelace".to_owned(),
        line1: "12 St James Square".to_owned(),
        line2: None,
        city: Some("London".to_owned()),
        region: None,
        postcode: None,
        country: country.to_owned(),
    }
}

fn with_postcode(country: &str, postcode: &str) -> Address {
    Address { postcode: Some(postcode.to_owned()), ..address(country) }
}

fn in_region(country: &str, postcode: &str, region: &str) -> Address {
    Address { region: Some(region.to_owned()), ..with_postcode(country, postcode) }
}

/// The region after the check, or the text of the problem.
fn region_of(address: Address) -> Result<Option<String>, String> {
    check(address).map(|address| address.region).map_err(|problem| problem.to_string())
}

fn refusal(address: Address) -> String {
    region_of(address).unwrap_err()
}

#[test]
fn every_country_of_the_standard_has_a_format() {
    let codes = countries();
    assert_eq!(codes.len(), 249, "ISO 3166-1 has 249 countries");
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    for code in codes {
        let format = Format::of(code).unwrap_or_else(|| panic!("{code} has too few fields"));
        assert!(format.example.is_empty() || format.is_usual(format.example), "{code}: {}", format.example);
        assert!(format.postcode != Postcode::Required || !format.example.is_empty(), "{code} needs an example");
        assert_eq!(format.lists_regions, regions(code).count() > 0, "{code}");
        assert!(
            warnings(&with_postcode(code, format.example)).is_empty() || format.postcode == Postcode::None,
            "{code}"
        );
    }
}

#[test]
fn codes_that_the_standard_does_not_assign_are_no_countries() {
    for code in ["XX", "ZZ", "XK", "AC", "UK", "EU", "gb", "GBR", "", "G", "#", "US-CA", "US-"] {
        assert!(!is_country(code), "{code}");
        assert!(refusal(address(code)).contains("/address/country must be a country code"), "{code}");
    }
    assert!(is_country("GB"));
}

#[test]
fn a_country_without_postcodes_needs_none() {
    for country in ["HK", "QA", "AE", "PA", "IE", "AO", "FJ", "JM", "SC", "BG"] {
        assert_eq!(region_of(address(country)), Ok(None), "{country}");
    }
}

#[test]
fn a_country_with_postcodes_needs_one() {
    for country in ["GB", "DE", "FR", "JP", "SG"] {
        let text = refusal(address(country));
        assert!(text.contains(&format!("/address/postcode is required for {country}, such as ")), "{text}");
    }
    assert_eq!(region_of(with_postcode("GB", "SW1Y 4JH")), Ok(None));
}

#[test]
fn a_postcode_of_unusual_form_is_a_warning() {
    let detail = |country: &str, postcode: &str| {
        let address = with_postcode(country, postcode);
        let found: Vec<_> = warnings(&address).into_iter().map(|warning| (warning.code, warning.detail)).collect();
        assert!(found.iter().all(|(code, _)| *code == AddressWarningCode::UnusualPostcode));
        found.into_iter().map(|(_, detail)| detail).next()
    };
    for (country, postcode) in [
        ("GB", "SW1Y 4JH"),
        ("GB", "sw1y4jh"),
        ("GB", "M2 5BQ"),
        ("GB", "BFPO 61"),
        ("US", "10118"),
        ("US", "10118-0110"),
        ("CA", "K1A-0B1"),
        ("NL", "1234AB"),
        ("PL", "00950"),
        ("LU", "L-4750"),
        ("LU", "4750"),
        ("IE", "A65 F4E2"),
        ("KP", "anything"),
    ] {
        assert_eq!(detail(country, postcode), None, "{country} {postcode}");
    }
    for (country, postcode) in [
        ("GB", "12345"),
        ("US", "1011"),
        ("US", "101180"),
        ("US", "1011A"),
        ("CA", "1A1 A1A"),
        ("DE", "W1A 4ZZ"),
        ("AD", "BB500"),
    ] {
        let detail = detail(country, postcode).unwrap_or_else(|| panic!("{country} {postcode}"));
        let example = Format::of(country).unwrap().example;
        assert_eq!(
            detail,
            format!("The postcode has an unusual form for {country}. A usual one looks like {example}.")
        );
        let region = if country == "US" || country == "CA" { regions(country).next().unwrap().code } else { "" };
        assert!(region_of(in_region(country, postcode, region)).is_ok(), "{country} {postcode}");
    }
    assert_eq!(detail("HK", "999077").unwrap(), "Addresses in HK have no postcode.");
    assert_eq!(warnings(&address("GB")), [], "an address without a postcode has no postcode of unusual form");
}

#[test]
fn a_region_is_required_where_tax_or_postage_depends_on_it() {
    let listing: BTreeSet<_> = countries().into_iter().filter(|code| regions(code).count() > 0).collect();
    assert_eq!(listing, BTreeSet::from(["AU", "BR", "CA", "IN", "MX", "US"]));
    let text = refusal(with_postcode("US", "10118"));
    assert!(text.contains("/address/region is required for US and must be one of: AL, AK, AS, "), "{text}");
    for region in ["Texarkana", "ON", "U", "Virgin"] {
        let text = refusal(in_region("US", "10118", region));
        assert!(text.contains("/address/region must be one of: AL, AK, AS, "), "{text}");
    }
    for (country, postcode) in [("DE", "10115"), ("IT", "00144"), ("ES", "28039"), ("CN", "266033")] {
        assert_eq!(region_of(with_postcode(country, postcode)), Ok(None));
        let text = "Anything".to_owned();
        assert_eq!(region_of(in_region(country, postcode, &text)), Ok(Some(text)));
    }
}

#[test]
fn a_region_is_stored_as_its_code_however_it_is_written() {
    for (country, written, code) in [
        ("US", "CA", "CA"),
        ("US", "ny", "NY"),
        ("US", "US-NY", "NY"),
        ("US", "california", "CA"),
        ("US", "Virginia", "VA"),
        ("US", "AE", "AE"),
        ("US", "Armed Forces AE", "AE"),
        ("CA", "ON", "ON"),
        ("CA", "Québec", "QC"),
        ("CA", "nouvelle-ecosse", "NS"),
        ("AU", "New South Wales", "NSW"),
        ("BR", "Sao Paulo", "SP"),
        ("MX", "N.L.", "NLE"),
        ("MX", "CDMX", "CMX"),
        ("IN", "Jammu and Kashmir", "JK"),
    ] {
        let region = region_of(in_region(country, "1", written));
        assert_eq!(region.unwrap().as_deref(), Some(code), "{country} {written}");
    }
}

#[test]
fn each_name_stands_for_one_region() {
    for country in countries() {
        for region in regions(country) {
            let names = region.names.split('|').chain([region.code]);
            for name in names {
                assert!(!folded(name).is_empty(), "{country}-{}", region.code);
                assert_eq!(find_region(country, name), Some(region.code), "{country}: {name}");
            }
        }
    }
}

#[test]
fn a_city_is_required_where_addresses_have_one() {
    let without = |country: &str, postcode: &str| Address { city: None, ..with_postcode(country, postcode) };
    let text = refusal(without("GB", "SW1Y 4JH"));
    assert!(text.contains("/address/city is required for GB") && !text.contains("unless"), "{text}");
    assert_eq!(region_of(without("SG", "546080")), Ok(None));
    let text = refusal(without("JP", "154-0023"));
    assert!(text.contains("/address/city is required for JP, unless region is given"), "{text}");
    let in_tokyo = Address { region: Some("Tokyo".to_owned()), ..without("JP", "154-0023") };
    assert_eq!(region_of(in_tokyo).unwrap().as_deref(), Some("Tokyo"));
}

#[test]
fn all_wrong_fields_are_named_at_once() {
    let text = refusal(Address { city: None, ..address("US") });
    for field in ["/address/city", "/address/region", "/address/postcode"] {
        assert!(text.contains(field), "{text}");
    }
}

#[test]
fn a_region_has_a_code_where_the_country_has_a_list() {
    for region in ["CA", "us-ca", "California"] {
        assert_eq!(region_code("US", region), Some("CA"), "{region}");
    }
    assert_eq!((region_code("US", "Yukon"), region_code("CA", "Yukon")), (None, Some("YT")));
    assert_eq!((region_code("DE", "BY"), region_code("XX", "CA")), (None, None));
    assert_eq!((lists_regions("US"), lists_regions("DE"), lists_regions("XX")), (true, false, false));
}

#[test]
fn a_form_asks_for_what_the_country_needs() {
    let form = |country: &str| asked(country).unwrap();
    let germany = form("DE");
    assert_eq!((germany.city, germany.region, germany.postcode, germany.regions.len()), (true, false, Some(true), 0));
    assert_eq!(form("IE").postcode, Some(false));
    let emirates = form("AE");
    assert_eq!((emirates.city, emirates.region, emirates.postcode), (false, true, None));
    let states = form("US");
    assert!(states.region && states.regions.contains(&("CA", "California")), "{states:?}");
    assert!(!states.postcode_example.is_empty());
    assert_eq!(asked("XX"), None);
}
