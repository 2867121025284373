//! The columns of a CSV file.

use contracts::Currency;
use serde_json::Value;

/// The meaning of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// A column without a name. Its cells must be empty.
    Nameless,
    /// A field of the product.
    Text(&'static str),
    /// A field with several values.
    CategoryIds,
    Images,
    Sku,
    /// `price.EUR`: minor units.
    Price(Currency),
    /// `option.colour`
    Option(String),
    /// `attribute.material`
    Attribute(String),
}

impl Column {
    /// The column of a name. Case matters only in the names of options and attributes.
    pub(super) fn named(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "" => Self::Nameless,
            "title" => Self::Text("title"),
            "description" => Self::Text("description"),
            "status" => Self::Text("status"),
            "taxclass" => Self::Text("taxClass"),
            "categoryids" => Self::CategoryIds,
            "images" => Self::Images,
            "sku" => Self::Sku,
            _ => {
                let (kind, _) = lower.split_once('.')?;
                match (kind, name[kind.len() + 1..].trim()) {
                    (_, "") => return None,
                    ("price", code) => Self::Price(serde_json::from_value(code.to_ascii_uppercase().into()).ok()?),
                    ("option", name) => Self::Option(name.to_owned()),
                    ("attribute", name) => Self::Attribute(name.to_owned()),
                    _ => return None,
                }
            }
        })
    }
}

/// The column that a JSON pointer into a product of one variant means.
pub(super) fn at(pointer: &str, product: &Value) -> String {
    let parts: Vec<_> = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["variants", _, "prices", price, ..] => {
            let currency = product.pointer(&format!("/variants/0/prices/{price}/currency"));
            format!("price.{}", currency.and_then(Value::as_str).unwrap_or("CURRENCY"))
        }
        ["variants", _, "options", name] => format!("option.{name}"),
        ["variants", _, "options"] => "option.NAME".to_owned(),
        ["attributes", name] => format!("attribute.{name}"),
        ["attributes"] => "attribute.NAME".to_owned(),
        ["variants", _, name, ..] | [name, ..] => (*name).to_owned(),
        [] => "the row".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_read_in_any_case() {
        for (name, column) in [
            ("Title", Column::Text("title")),
            ("DESCRIPTION", Column::Text("description")),
            ("Status", Column::Text("status")),
            ("Taxclass", Column::Text("taxClass")),
            ("CategoryIDs", Column::CategoryIds),
            ("Images", Column::Images),
            ("SKU", Column::Sku),
            ("Price.eur", Column::Price(Currency::Eur)),
            ("Option.Shoe size", Column::Option("Shoe size".to_owned())),
            ("ATTRIBUTE.v1.2", Column::Attribute("v1.2".to_owned())),
            ("", Column::Nameless),
        ] {
            assert_eq!(Column::named(name), Some(column), "{name}");
        }
    }

    #[test]
    fn other_names_are_unknown() {
        for name in
            ["stock", "price", "price.", "price.XXX", "option.", "attribute. ", "colour.red", ".title", "title."]
        {
            assert_eq!(Column::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_pointer_is_the_name_of_its_column() {
        let product = json!({"variants": [{"prices": [{"currency": "EUR"}, {"currency": "USD"}]}]});
        for (pointer, column) in [
            ("/title", "title"),
            ("/images/3", "images"),
            ("/categoryIds/0", "categoryIds"),
            ("/variants/0/sku", "sku"),
            ("/variants/0/prices/1/amount", "price.USD"),
            ("/variants/0/options", "option.NAME"),
            ("/variants/0/options/a~1b", "option.a/b"),
            ("/attributes", "attribute.NAME"),
            ("/attributes/material", "attribute.material"),
            ("", "the row"),
        ] {
            assert_eq!(at(pointer, &product), column, "{pointer}");
        }
    }
}
