//! SKUs that are made of other texts. The same text always makes the same SKU.

use contracts::Sku;

/// The maximum length of a SKU.
const LONGEST: usize = 64;
/// The length of a hash after a cut text, with its hyphen.
const HASH: usize = 9;

/// The SKU of a text. A text that is not a SKU is changed, and gets a hash of the whole text if more than its spaces
/// changed, so that different texts make different SKUs.
pub(super) fn sku(text: &str) -> String {
    if text.parse::<Sku>().is_ok() {
        return text.to_owned();
    }
    let plain = hyphenated(text);
    let changes_spaces_alone = text.chars().all(|c| is_allowed(c) || c == ' ');
    if changes_spaces_alone && plain.parse::<Sku>().is_ok() {
        return plain;
    }
    let begin = plain[..plain.len().min(LONGEST - HASH)].trim_matches('-');
    let hash = hash(text);
    if begin.is_empty() { format!("{hash:08x}") } else { format!("{begin}-{hash:08x}") }
}

/// The SKU of a variant without one: the name of its product and the values of its options.
pub(super) fn sku_of_variant<'a>(product: &str, options: impl Iterator<Item = &'a str>) -> String {
    let name = product.to_owned();
    sku(&options.fold(name, |name, value| name + "." + value))
}

/// A SKU without the apostrophe that exports put before what a spreadsheet would take for a number or a formula.
pub(super) fn unquoted(text: &str) -> &str {
    let is_marked = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c));
    text.strip_prefix('\'').filter(is_marked).unwrap_or(text)
}

/// A name in lower case, with hyphens: `Desk lamp` as `desk-lamp`.
pub(super) fn handle(title: &str) -> String {
    let lower = title.to_lowercase();
    let letters = lower.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect::<String>();
    letters.split_whitespace().collect::<Vec<_>>().join("-")
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// The text with a hyphen for each run of characters that a SKU cannot have.
fn hyphenated(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if is_allowed(c) {
            plain.push(c);
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain
}

/// FNV-1a, folded to 32 bits. It must never change: SKUs that were made with it are stored.
fn hash(text: &str) -> u64 {
    let mixed = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (mixed >> 32) ^ (mixed & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_is_left_as_it_is() {
        for text in ["A", "LAMP-RED_2.0", ".a"] {
            assert_eq!(sku(text), text);
        }
    }

    #[test]
    fn spaces_become_hyphens() {
        assert_eq!(sku("AB 12"), "AB-12");
        assert_eq!(sku_of_variant("t-shirt", ["Light Blue", "XL"].into_iter()), "t-shirt.Light-Blue.XL");
        assert_eq!(sku_of_variant("mug", std::iter::empty()), "mug");
    }

    #[test]
    fn every_text_makes_a_sku_and_different_texts_make_different_ones() {
        let long = "x".repeat(70);
        let texts = [
            "S/M",
            "S-M",
            "S+M",
            "größe",
            "grÖße",
            "лампа",
            "стол",
            "ß",
            "ä/ö",
            &long,
            &(long.clone() + "y"),
            ".",
            "..",
            " ",
        ];
        let skus: std::collections::BTreeSet<_> = texts.iter().map(|text| sku(text)).collect();
        assert_eq!(skus.len(), texts.len(), "{skus:?}");
        assert!(skus.iter().all(|sku| sku.parse::<Sku>().is_ok()), "{skus:?}");
    }

    #[test]
    fn a_made_sku_never_changes() {
        assert_eq!(sku("S/M"), "S-M-6e8c6617");
        assert_eq!(sku("лампа"), "9976e6d1");
    }

    #[test]
    fn the_apostrophe_of_an_export_is_left_out() {
        for (text, plain) in [("'0123", "0123"), ("'=A", "=A"), ("'-1", "-1"), ("'a", "'a"), ("A'1", "A'1"), ("'", "'")]
        {
            assert_eq!(unquoted(text), plain);
        }
    }

    #[test]
    fn a_handle_is_made_of_a_title() {
        assert_eq!(handle(" Desk lamp, 40 cm! "), "desk-lamp-40-cm");
        assert_eq!(handle("Größe"), "größe");
    }
}
