//! The order, filters and lists of a search, as they stand in its query.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use search::{Filter, Sort};
use serde::{Deserialize, Serialize};

/// The most names in one list, and the most values of a name.
const MOST_NAMES: usize = 10;
const MOST_VALUES: usize = 20;

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SearchSort")]
pub enum SortInput {
    /// The best match first.
    #[default]
    Relevance,
    /// The newest product first.
    Newest,
    /// The lowest price first; products without a price in the currency last.
    PriceAsc,
    /// The highest price first; products without a price in the currency last.
    PriceDesc,
    /// The best rating first. Products have no ratings yet, so this order has no effect yet.
    Rating,
    /// The best-selling product first. Sales are not counted yet, so this order has no effect yet.
    BestSelling,
}

impl SortInput {
    /// Whether the products are sorted by their prices in a currency.
    pub(crate) const fn needs_currency(self) -> bool {
        matches!(self, Self::PriceAsc | Self::PriceDesc)
    }
}

impl From<SortInput> for Sort {
    fn from(sort: SortInput) -> Self {
        match sort {
            SortInput::Relevance => Self::Relevance,
            SortInput::Newest => Self::Newest,
            SortInput::PriceAsc => Self::PriceAscending,
            SortInput::PriceDesc => Self::PriceDescending,
            SortInput::Rating => Self::Rating,
            SortInput::BestSelling => Self::BestSelling,
        }
    }
}

/// Reads `name:value|value,name:value`. A backslash before a comma, colon, pipe or backslash makes it a part of a text.
pub(crate) fn filters(text: &str) -> Result<Vec<Filter>, String> {
    let mut filters: Vec<Filter> = Vec::new();
    for part in parts(text, ',') {
        let halves = parts(&part, ':');
        let (name, values) =
            halves.split_first().map_or((String::new(), &[][..]), |(name, values)| (plain(name), values));
        let values: BTreeSet<_> = parts(&values.join(":"), '|').iter().map(|value| plain(value)).collect();
        if name.is_empty() || values.is_empty() || values.iter().any(String::is_empty) {
            return Err(format!("must be name:value|value,name:value, and {part:?} is not"));
        }
        if filters.iter().any(|filter| filter.name == name) {
            return Err(format!("has the name {name:?} more than once"));
        }
        if values.len() > MOST_VALUES {
            return Err(format!("must have at most {MOST_VALUES} values of a name"));
        }
        filters.push(Filter { name, values: values.into_iter().collect() });
    }
    if filters.len() > MOST_NAMES {
        return Err(format!("must have at most {MOST_NAMES} names"));
    }
    Ok(filters)
}

/// Reads `name,name`.
pub(crate) fn names(text: &str) -> Result<Vec<String>, String> {
    let names: BTreeSet<_> = parts(text, ',').iter().map(|name| plain(name)).filter(|name| !name.is_empty()).collect();
    if names.len() > MOST_NAMES {
        Err(format!("must have at most {MOST_NAMES} names"))
    } else {
        Ok(names.into_iter().collect())
    }
}

/// The parts of a text between separators that no backslash precedes. They still have their backslashes.
fn parts(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in text.chars() {
        if letter == separator && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
        escaped = letter == '\\' && !escaped;
    }
    if text.is_empty() { Vec::new() } else { parts }
}

/// A text without its backslashes and outer spaces.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        filters(text).unwrap().into_iter().map(|filter| (filter.name, filter.values.join(" "))).collect()
    }

    fn pair(name: &str, values: &str) -> (String, String) {
        (name.to_owned(), values.to_owned())
    }

    #[test]
    fn names_have_values() {
        assert_eq!(read("colour:red|blue, size:L"), [pair("colour", "blue red"), pair("size", "L")]);
        assert_eq!(read("ratio:1:2"), [pair("ratio", "1:2")]);
        assert_eq!(read(r"a\,b:c\|d|e\\"), [pair("a,b", r"c|d e\")]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn what_is_no_filter_is_told() {
        for text in ["colour", "colour:", ":red", "colour:red,", "a:b,a:c", "a:|b"] {
            assert!(filters(text).is_err(), "{text}");
        }
        let many = |count: usize, separator: &str, one: fn(usize) -> String| {
            (0..count).map(one).collect::<Vec<_>>().join(separator)
        };
        let pairs = |count| many(count, ",", |number| format!("n{number}:v"));
        assert!(filters(&pairs(10)).is_ok() && filters(&pairs(11)).is_err());
        let values = |count| format!("a:{}", many(count, "|", |number| number.to_string()));
        assert!(filters(&values(20)).is_ok() && filters(&values(21)).is_err());
    }

    #[test]
    fn a_list_has_ten_names() {
        assert_eq!(names("b, a,b").unwrap(), ["a", "b"]);
        assert!(names("a,b,c,d,e,f,g,h,i,j,k").is_err());
    }
}
