//! Categories that an export names, with the names of those above them.

use super::html;

/// The categories that a product of a file names.
pub type NamedCategories = Vec<Named>;

/// A category that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The names from the root down to the category.
    pub path: Vec<String>,
    /// The attribute that has the names. It is left out if the product is in all categories that it names. `None` if the
    /// text means something else, too, so that it is no loss if the category does not exist.
    pub attribute: Option<&'static str>,
}

/// The category of products that have none.
const NONE: &str = "uncategorized";

/// Reads `Furniture > Chairs`.
pub(super) fn one(cell: &str, attribute: Option<&'static str>) -> Option<Named> {
    let path: Vec<_> = cell.split('>').map(html::line).filter(|name| !name.is_empty()).collect();
    let is_none = path.is_empty() || path.len() == 1 && path[0].eq_ignore_ascii_case(NONE);
    (!is_none).then_some(Named { path, attribute })
}

/// Reads `Furniture > Chairs, Sale`. A comma in a name is written as `\\,`.
pub(super) fn several(cell: &str, attribute: &'static str) -> NamedCategories {
    // A character that no text has stands for a comma in a name.
    let escaped = cell.replace("\\,", "\u{0}");
    let paths = escaped.split(',').map(|path| path.replace('\0', ","));
    paths.filter_map(|path| one(&path, Some(attribute))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(named: &[Named]) -> Vec<String> {
        named.iter().map(|named| named.path.join("/")).collect()
    }

    #[test]
    fn a_category_is_named_with_those_above_it() {
        for (cell, expected) in [
            ("Kitchen > Cups &amp; mugs, Sale", &["Kitchen/Cups & mugs", "Sale"][..]),
            ("Kitchen>Cups,Kitchen", &["Kitchen/Cups", "Kitchen"]),
            ("Cups\\, mugs > Blue, Sale", &["Cups, mugs/Blue", "Sale"]),
            ("Uncategorized, Sale", &["Sale"]),
            ("Sale > Uncategorized", &["Sale/Uncategorized"]),
            (" , > ,", &[]),
            ("", &[]),
        ] {
            assert_eq!(paths(&several(cell, "categories")), expected, "{cell}");
        }
        let named = Named { path: vec!["Apparel & Accessories, new".to_owned(), "Shirts".to_owned()], attribute: None };
        assert_eq!(one("Apparel & Accessories, new > Shirts", None), Some(named));
    }
}
