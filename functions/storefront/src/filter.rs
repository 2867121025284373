//! The filters of a listing, as they stand in its address. So a filtered listing is a link that can be shared.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{CategoryId, Currency};
use form_urlencoded::Serializer;

use crate::money;

/// The attributes and options that listings can be filtered by.
pub(crate) const NAMES: [&str; 3] = ["colour", "material", "size"];
/// The most characters that the catalog searches for.
const LONGEST_WORDS: usize = 200;
/// The other parts of the address of a listing.
const OTHERS: [&str; 6] = ["category", "cursor", "maxPrice", "minPrice", "q", "sort"];

/// The address of a listing, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    path: String,
    query: BTreeMap<String, String>,
}

impl Filter {
    /// The filters in a query. What a listing does not know, such as the mark of a campaign, is left out.
    pub(crate) fn of(path: &str, mut query: BTreeMap<String, String>) -> Self {
        query.retain(|name, value| {
            let is_known = NAMES.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
            is_known && !value.trim().is_empty()
        });
        Self { path: path.replacen("/v1/pages", "", 1), query }
    }

    /// The text of a part, empty if it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.query.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// The values of an attribute or option.
    pub(crate) fn values(&self, name: &str) -> BTreeSet<&str> {
        self.text(name).split('|').filter(|value| !value.is_empty()).collect()
    }

    /// The parts but for the page, for hidden fields of a form that sets other parts.
    pub(crate) fn hidden(&self, but: &[&str]) -> Vec<(&str, &str)> {
        let parts = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        parts.filter(|(name, _)| *name != "cursor" && !but.contains(name)).collect()
    }

    /// The path of the form that sets parts.
    pub(crate) fn action(&self) -> &str {
        &self.path
    }

    /// The address with another text for a part, on the first page.
    pub(crate) fn path_with(&self, name: &str, text: &str) -> String {
        let mut query = self.query.clone();
        query.remove("cursor");
        query.insert(name.to_owned(), text.to_owned());
        self.path_of(&query)
    }

    /// The address without a part, on the first page.
    pub(crate) fn path_without(&self, name: &str) -> String {
        let mut query = self.query.clone();
        query.remove("cursor");
        query.remove(name);
        self.path_of(&query)
    }

    /// The address with a value added to a name, or removed from it.
    pub(crate) fn toggled(&self, name: &str, value: &str) -> String {
        let mut values = self.values(name);
        if !values.remove(value) {
            values.insert(value);
        }
        let values: Vec<_> = values.into_iter().collect();
        if values.is_empty() { self.path_without(name) } else { self.path_with(name, &values.join("|")) }
    }

    /// The address with nothing but what was searched for.
    pub(crate) fn cleared(&self) -> String {
        let query = self.query.iter().filter(|(name, _)| *name == "q");
        self.path_of(&query.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn path_of(&self, query: &BTreeMap<String, String>) -> String {
        if query.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, Serializer::new(String::new()).extend_pairs(query).finish())
    }

    /// A price in minor units, from an amount in units of the currency: `12`, `12.50` or `12,50`. `None` if it is none.
    pub(crate) fn price(&self, name: &str, currency: Currency) -> Option<i64> {
        money::entered(self.text(name), currency)
    }

    /// The path of the catalog's search for this listing.
    pub(crate) fn request(&self, aisle: Option<CategoryId>, currency: Currency, limit: u32, cursor: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("currency", currency.code()).append_pair("limit", &limit.to_string());
        query.append_pair("facets", &NAMES.join(","));
        if let Some(category) = self.text("category").parse::<CategoryId>().ok().or(aisle) {
            query.append_pair("category", &category.to_string());
        }
        let lowest = self.price("minPrice", currency);
        // The catalog refuses a range of which the end is before the start.
        let highest = self.price("maxPrice", currency).filter(|highest| lowest.is_none_or(|lowest| lowest <= *highest));
        for (name, price) in [("minPrice", lowest), ("maxPrice", highest)] {
            if let Some(price) = price {
                query.append_pair(name, &price.to_string());
            }
        }
        let filters: Vec<_> = NAMES.iter().filter_map(|name| self.filter(name)).collect();
        if !filters.is_empty() {
            query.append_pair("filters", &filters.join(","));
        }
        let sort = match self.text("sort") {
            sort @ ("newest" | "priceAsc" | "priceDesc") => sort,
            _ if self.text("q").is_empty() => "newest",
            _ => "relevance",
        };
        query.append_pair("sort", sort);
        // The catalog refuses what is longer.
        let words: String = self.text("q").chars().take(LONGEST_WORDS).collect();
        for (name, text) in [("q", words.as_str()), ("cursor", cursor)] {
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        format!("/v1/products/search?{}", query.finish())
    }

    fn filter(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.values(name).into_iter().map(escaped).collect();
        (!values.is_empty()).then(|| format!("{name}:{}", values.join("|")))
    }
}

/// A value with a backslash before what separates values.
fn escaped(value: &str) -> String {
    value.chars().flat_map(|c| matches!(c, ',' | ':' | '|' | '\\').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &[(&str, &str)]) -> Filter {
        Filter::of("/search", query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_listing_has_the_same_address_as_a_page_and_as_json() {
        let query = || [("q".to_owned(), "lamp".to_owned()), ("utm_source".to_owned(), "x".to_owned())].into();
        for path in ["/search", "/v1/pages/search"] {
            assert_eq!(Filter::of(path, query()).path_with("sort", "newest"), "/search?q=lamp&sort=newest");
        }
    }

    #[test]
    fn a_value_is_added_and_removed_on_the_first_page() {
        let listing = filter(&[("colour", "red"), ("cursor", "x"), ("q", "lamp")]);
        assert_eq!(listing.toggled("colour", "sand"), "/search?colour=red%7Csand&q=lamp");
        assert_eq!(listing.toggled("colour", "red"), "/search?q=lamp");
        assert_eq!(
            (listing.path_without("q"), listing.cleared()),
            ("/search?colour=red".to_owned(), "/search?q=lamp".to_owned())
        );
        assert_eq!(filter(&[]).cleared(), "/search");
    }

    #[test]
    fn prices_are_entered_in_units_of_the_currency() {
        let price = |text: &str, currency| filter(&[("minPrice", text)]).price("minPrice", currency);
        assert_eq!(
            ["12", "12.5", "12,50", " 12.50 "].map(|text| price(text, Currency::Eur)),
            [Some(1200), Some(1250), Some(1250), Some(1250)]
        );
        assert_eq!(["", "x", "-1", "1.234", ".5", "99999999999"].map(|text| price(text, Currency::Eur)), [None; 6]);
        assert_eq!(
            (price("1.234", Currency::Kwd), price("12", Currency::Jpy), price("12.5", Currency::Jpy)),
            (Some(1234), Some(12), None)
        );
    }

    #[test]
    fn the_catalog_is_asked_for_what_the_address_says() {
        let asked = |query: &[(&str, &str)]| {
            let path = filter(query).request(None, Currency::Eur, 24, "");
            let query = path.strip_prefix("/v1/products/search?").unwrap().to_owned();
            form_urlencoded::parse(query.as_bytes()).into_owned().collect::<BTreeMap<_, _>>()
        };
        let search = asked(&[("q", "lamp"), ("colour", "red|a,b"), ("minPrice", "10"), ("maxPrice", "20")]);
        assert_eq!((search["filters"].as_str(), search["sort"].as_str()), (r"colour:a\,b|red", "relevance"));
        assert_eq!((search["minPrice"].as_str(), search["maxPrice"].as_str()), ("1000", "2000"));
        let aisle = crate::aisle::tests::id(1).to_string();
        let all = asked(&[("sort", "rating"), ("minPrice", "20"), ("maxPrice", "10"), ("category", &aisle)]);
        assert_eq!((all["sort"].as_str(), all.get("maxPrice"), all["category"].as_str()), ("newest", None, &*aisle));
        assert!(!all.contains_key("q") && !all.contains_key("cursor") && !all.contains_key("filters"));
        let odd = asked(&[("category", "cat_1"), ("q", &"é".repeat(300))]);
        assert_eq!((odd.get("category"), odd["q"].chars().count()), (None, 200), "the catalog would refuse both");
    }
}
