//! Paths of products and aisles: the id decides, and the name after it is for people.

use std::{fmt::Display, str::FromStr};

/// The longest name in a path, in characters.
const LONGEST_SLUG: usize = 60;

/// The path of a product: `/products/prd_…-fold-desk-lamp`.
pub(crate) fn product(id: impl Display, title: &str) -> String {
    format!("/products/{}", segment(id, title))
}

/// The path of an aisle: `/aisles/cat_…-lighting`.
pub(crate) fn aisle(id: impl Display, name: &str) -> String {
    format!("/aisles/{}", segment(id, name))
}

/// The end of an id, by which people tell things apart.
pub(crate) fn short(id: impl Display) -> String {
    let id = id.to_string();
    id.get(id.len().saturating_sub(8)..).unwrap_or_default().to_owned()
}

/// The id at the start of a part of a path.
pub(crate) fn id<T: FromStr>(segment: &str) -> Option<T> {
    segment.split('-').next()?.parse().ok()
}

/// The path of signing in, and where to go then.
pub(crate) fn sign_in(next: &str) -> String {
    with_next("/sign-in", next)
}

/// A path with where to go then, unless that is the first page.
pub(crate) fn with_next(path: &str, next: &str) -> String {
    if next == "/" { path.to_owned() } else { format!("{path}?next={}", part(next)) }
}

/// The end of a query that goes on with a list. Empty for its first page.
pub(crate) fn cursor(cursor: Option<&str>) -> String {
    cursor.map(|cursor| format!("&cursor={}", part(cursor))).unwrap_or_default()
}

/// A text as one part of a path.
pub(crate) fn part(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn segment(id: impl Display, name: &str) -> String {
    let slug = slug(name);
    if slug.is_empty() { id.to_string() } else { format!("{id}-{slug}") }
}

/// The letters and digits of a name in lower case, with a hyphen between words. Letters beyond ASCII are left out.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words = words.map(|word| word.chars().filter(char::is_ascii).collect::<String>().to_ascii_lowercase());
    let slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    slug.chars().take(LONGEST_SLUG).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use contracts::ProductId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_path_has_the_id_and_a_name_for_people() {
        let product = ProductId::from(Uuid::from_u128(7));
        let path = super::product(product, "The Field Guide: Small Harbours!");
        assert_eq!(path, format!("/products/{product}-the-field-guide-small-harbours"));
        assert_eq!(id::<ProductId>(path.trim_start_matches("/products/")), Some(product));
        assert_eq!(super::product(product, "灯"), format!("/products/{product}"));
        assert_eq!(id::<ProductId>("lamp"), None);
    }

    #[test]
    fn a_short_id_is_the_end_of_the_id() {
        assert_eq!(short(ProductId::from(Uuid::from_u128(0x15d9_e703))), "15d9e703");
        assert_eq!((short("abc"), short("é1234567")), ("abc".to_owned(), String::new()));
    }

    #[test]
    fn a_long_name_is_cut_after_a_word() {
        assert!(slug(&"long ".repeat(40)).len() <= LONGEST_SLUG);
        assert!(!slug(&"ninechars ".repeat(7)).ends_with('-'));
    }
}
