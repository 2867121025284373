//! Addresses: what a form asks for in each country, and how an address is written.

use addresses::Asked;
use contracts::{Address, Currency};
use lambda::{FieldError, Form};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{entered::Entered, texts::Texts};

/// The countries that can be chosen, in the order of their English names. The shipping rates decide whether the shop ships
/// to one. An address may be in another one.
const COUNTRIES: [&str; 11] = ["AT", "BE", "FR", "DE", "IE", "IT", "NL", "ES", "CH", "GB", "US"];
/// Where the city is written before the postcode.
const CITY_FIRST: [&str; 9] = ["AU", "BR", "CA", "GB", "IE", "IN", "MX", "NZ", "US"];
/// The fields of the form.
const FIELDS: [&str; 7] = ["country", "name", "line1", "line2", "postcode", "city", "region"];

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldView {
    pub(crate) id: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
    /// What the field is, for browsers that fill it in.
    pub(crate) autocomplete: &'static str,
    pub(crate) is_required: bool,
    /// Whether it has digits only.
    pub(crate) is_numeric: bool,
    /// What can be chosen: value and name. Empty for a text.
    pub(crate) choices: Vec<(&'static str, &'static str)>,
}

/// A country that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CountryChoice")]
pub(crate) struct CountryView {
    pub(crate) code: String,
    pub(crate) name: String,
}

/// The address that was entered in a form. A field that the country does not have is left out, whatever the form of another
/// country left there.
pub(crate) fn entered(form: &Form) -> Address {
    let text = |name: &str| form.text(name).map(|text| text.trim().to_owned());
    let country = text("country").unwrap_or_default();
    let asked = addresses::asked(&country);
    let has = |is_asked: fn(&Asked) -> bool| asked.as_ref().is_none_or(is_asked);
    Address {
        name: text("name").unwrap_or_default(),
        line1: text("line1").unwrap_or_default(),
        line2: text("line2"),
        city: text("city"),
        region: text("region").filter(|_| has(|asked| asked.region)),
        postcode: text("postcode").filter(|_| has(|asked| asked.postcode.is_some())),
        country,
    }
}

/// Nothing but the country where most people pay in a currency.
pub(crate) fn usual(currency: Currency) -> Address {
    let country = match currency {
        Currency::Gbp => "GB",
        Currency::Usd => "US",
        _ => "DE",
    };
    Address {
        name: String::new(),
        line1: String::new(),
        line2: None,
        city: None,
        region: None,
        postcode: None,
        country: country.to_owned(),
    }
}

/// Whether nothing but its country is known.
pub(crate) fn is_blank(address: &Address) -> bool {
    address.name.is_empty() || address.line1.is_empty()
}

/// An address as it is written on a parcel.
pub(crate) fn lines(address: &Address, texts: Texts) -> Vec<String> {
    let Address { name, line1, line2, city, region, postcode, country: code } = address;
    let town = if CITY_FIRST.contains(&code.as_str()) { [city, region, postcode] } else { [postcode, city, region] };
    let town: Vec<_> = town.into_iter().flatten().map(String::as_str).collect();
    let country = country(code, texts);
    let last = if town.is_empty() { country } else { format!("{}, {country}", town.join(" ")) };
    let first = [Some(name), Some(line1), line2.as_ref()];
    first.into_iter().flatten().cloned().chain([last]).collect()
}

/// An address below its name, in one line.
pub(crate) fn below_name(address: &Address, texts: Texts) -> String {
    lines(address, texts)[1..].join(", ")
}

/// The fields of the form for the country of an address, in rows.
pub(crate) fn rows(address: &Address, texts: Texts) -> Vec<Vec<FieldView>> {
    let asked = addresses::asked(&address.country);
    let needed = needed(asked.as_ref());
    let field = |id: &'static str, value: Option<&str>, autocomplete: &'static str| FieldView {
        id,
        label: label(id, texts),
        value: value.unwrap_or_default().to_owned(),
        autocomplete,
        is_required: needed.contains(&id),
        is_numeric: false,
        choices: Vec::new(),
    };
    let is_numeric = asked.as_ref().is_some_and(|asked| {
        let example = asked.postcode_example;
        !example.is_empty() && example.bytes().all(|byte| byte.is_ascii_digit())
    });
    let has_postcode = asked.as_ref().is_none_or(|asked| asked.postcode.is_some());
    let postcode = has_postcode
        .then(|| FieldView { is_numeric, ..field("postcode", address.postcode.as_deref(), "shipping postal-code") });
    let city = field("city", address.city.as_deref(), "shipping address-level2");
    let region = asked.filter(|asked| asked.region).map(|asked| FieldView {
        choices: asked.regions,
        ..field("region", address.region.as_deref(), "shipping address-level1")
    });
    let town: Vec<_> = if CITY_FIRST.contains(&address.country.as_str()) {
        [Some(city), postcode].into_iter().flatten().collect()
    } else {
        [postcode, Some(city)].into_iter().flatten().collect()
    };
    let name = field("name", Some(&address.name), "shipping name");
    let line1 = field("line1", Some(&address.line1), "shipping address-line1");
    let line2 = field("line2", address.line2.as_deref(), "shipping address-line2");
    let rows = [vec![name], vec![line1], vec![line2], town, region.into_iter().collect()];
    rows.into_iter().filter(|row| !row.is_empty()).collect()
}

/// Notes the fields that are needed in the country of an address and were left empty.
pub(crate) fn require(address: &Address, entered: &mut Entered, texts: Texts) {
    let asked = addresses::asked(&address.country);
    let is_empty = |id: &&str| match *id {
        "name" => address.name.is_empty(),
        "line1" => address.line1.is_empty(),
        "city" => address.city.is_none(),
        "postcode" => address.postcode.is_none(),
        _ => address.region.is_none(),
    };
    let example = asked.as_ref().map_or("", |asked| asked.postcode_example);
    for field in needed(asked.as_ref()).into_iter().filter(is_empty) {
        let text = match field {
            "postcode" if !example.is_empty() => texts.with("enter-postcode", "example", &example),
            "name" => texts.plain("enter-name"),
            "line1" => texts.plain("enter-line1"),
            "city" => texts.plain("enter-city"),
            "region" => texts.plain("enter-region"),
            _ => texts.plain("enter-something"),
        };
        entered.wrong(field, text);
    }
}

/// Notes what a service found wrong with the fields of an address.
pub(crate) fn note(errors: &[FieldError], entered: &mut Entered, texts: Texts) {
    for error in errors {
        let own = error.pointer.strip_prefix("/address/").or(error.pointer.strip_prefix("/"));
        if let Some(field) = FIELDS.into_iter().find(|field| Some(*field) == own) {
            entered.wrong(field, format!("{}: {}", label(field, texts), error.detail));
        }
    }
}

/// The fields that an address needs.
fn needed(asked: Option<&Asked>) -> Vec<&'static str> {
    let needs_city = asked.is_some_and(|asked| asked.city);
    let needs_postcode = asked.is_some_and(|asked| asked.postcode == Some(true));
    let needs_region = asked.is_some_and(|asked| !asked.regions.is_empty());
    let all =
        [("name", true), ("line1", true), ("postcode", needs_postcode), ("city", needs_city), ("region", needs_region)];
    all.into_iter().filter(|(_, is_needed)| *is_needed).map(|(field, _)| field).collect()
}

fn label(field: &str, texts: Texts) -> String {
    texts.plain(&format!("field-{field}"))
}

/// The countries that can be chosen, and the one that is, in any case.
pub(crate) fn countries(chosen: &str, texts: Texts) -> Vec<CountryView> {
    let other = (!COUNTRIES.contains(&chosen) && addresses::is_country(chosen)).then_some(chosen);
    let view = |code: &str| CountryView { code: code.to_owned(), name: country(code, texts) };
    COUNTRIES.into_iter().chain(other).map(view).collect()
}

/// The name of a country. Its code if it has no name here.
pub(crate) fn country(code: &str, texts: Texts) -> String {
    texts.find(&format!("country-{}", code.to_ascii_lowercase())).unwrap_or_else(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: Texts = Texts(contracts::Language::En);

    fn address(country: &str) -> Address {
        let some = |text: &str| Some(text.to_owned());
        Address {
            name: "Clara Okafor".to_owned(),
            line1: "Torstraße 12".to_owned(),
            line2: None,
            city: some("Berlin"),
            region: None,
            postcode: some("10115"),
            country: country.to_owned(),
        }
    }

    fn ids(country: &str) -> Vec<Vec<&'static str>> {
        rows(&address(country), TEXTS).iter().map(|row| row.iter().map(|field| field.id).collect()).collect()
    }

    #[test]
    fn a_form_has_the_fields_of_its_country_in_its_order() {
        assert_eq!(ids("DE"), [vec!["name"], vec!["line1"], vec!["line2"], vec!["postcode", "city"]]);
        assert_eq!(ids("GB")[3], ["city", "postcode"]);
        assert_eq!(ids("US")[3..], [vec!["city", "postcode"], vec!["region"]]);
        // No postcodes.
        assert_eq!(ids("HK")[3..], [vec!["city"], vec!["region"]]);
        let is_numeric = |country: &str| rows(&address(country), TEXTS)[3].iter().any(|field| field.is_numeric);
        assert_eq!((is_numeric("DE"), is_numeric("GB"), is_numeric("HK")), (true, false, false));
    }

    #[test]
    fn an_address_has_the_fields_of_its_country_whatever_another_form_left() {
        let sent = |country: &str| {
            let fields = [("region", "CA"), ("postcode", " 94607 "), ("city", " Oakland "), ("line1", "Main St 1")];
            let address = entered(&Form::from_pairs(&[&fields[..], &[("country", country)]].concat()));
            (address.region, address.postcode, address.city)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(sent("US"), (some("CA"), some("94607"), some("Oakland")));
        assert_eq!(sent("DE"), (None, some("94607"), some("Oakland")));
        assert_eq!(sent("HK"), (some("CA"), None, some("Oakland")));
        assert_eq!(sent("XX"), (some("CA"), some("94607"), some("Oakland")));
    }

    #[test]
    fn what_is_missing_depends_on_the_country() {
        let missing = |address: &Address| {
            let mut entered = Entered::default();
            require(address, &mut entered, TEXTS);
            entered.faults().iter().map(|(field, _)| *field).collect::<Vec<_>>()
        };
        let empty = |country: &str| Address { country: country.to_owned(), ..usual(Currency::Eur) };
        assert_eq!(missing(&empty("DE")), ["name", "line1", "postcode", "city"]);
        assert_eq!(missing(&empty("US")), ["name", "line1", "postcode", "city", "region"]);
        assert_eq!(missing(&empty("HK")), ["name", "line1"]);
        assert_eq!(missing(&address("DE")), Vec::<&str>::new());
        let mut entered = Entered::default();
        require(&Address { postcode: None, ..address("DE") }, &mut entered, TEXTS);
        let example = addresses::asked("DE").unwrap().postcode_example;
        assert!(entered.fault("postcode").unwrap().contains(example));
    }

    #[test]
    fn a_field_says_what_a_service_found_wrong_with_it() {
        let error = |pointer: &str| FieldError { pointer: pointer.to_owned(), detail: "is odd".to_owned() };
        let mut entered = Entered::default();
        note(&[error("/address/city"), error("/option"), error("/address/x")], &mut entered, TEXTS);
        assert_eq!(entered.faults(), [("city", "Town or city: is odd".to_owned())]);
    }

    #[test]
    fn an_address_is_written_as_its_country_does() {
        assert_eq!(lines(&address("DE"), TEXTS), ["Clara Okafor", "Torstraße 12", "10115 Berlin, Germany"]);
        let region = Some("CA".to_owned());
        assert_eq!(lines(&Address { region, ..address("US") }, TEXTS)[2], "Berlin CA 10115, United States");
        let bare = Address { city: None, postcode: None, line2: Some("Hof".to_owned()), ..address("NO") };
        assert_eq!(lines(&bare, TEXTS), ["Clara Okafor", "Torstraße 12", "Hof", "NO"]);
        assert_eq!(below_name(&bare, TEXTS), "Torstraße 12, Hof, NO");
    }

    #[test]
    fn the_country_is_first_the_one_where_most_pay_in_the_currency() {
        let country = |currency| usual(currency).country;
        assert_eq!([Currency::Eur, Currency::Gbp, Currency::Usd].map(country), ["DE", "GB", "US"]);
    }

    #[test]
    fn the_chosen_country_is_always_among_the_countries() {
        let codes = |chosen: &str| countries(chosen, TEXTS).into_iter().map(|country| country.code).collect::<Vec<_>>();
        assert_eq!((codes("DE").len(), codes("NO").len(), codes("<b>").len()), (11, 12, 11));
    }
}
