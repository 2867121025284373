//! Tax classes of exports.

use std::collections::BTreeMap;

use contracts::TaxClass;

use super::{cell::quote, names};

/// The class of goods that are not taxable. A class for which no rate is set has no tax.
pub(super) const NOT_TAXABLE: &str = "none";

/// The tax class of a product, which all variants have in common.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Common {
    /// `None` if the file does not say it.
    pub(super) name: Option<String>,
    pub(super) warning: Option<String>,
    /// The other classes of variants, and how many have them.
    pub(super) other: BTreeMap<String, usize>,
}

/// The tax class of a product with variants of these classes. If any variant is taxed at the standard rate, all are: too
/// little tax is worse than too much.
pub(super) fn common(classes: &[Option<String>]) -> Common {
    let is_standard = |class: &Option<String>| class.as_deref().is_none_or(|name| name == TaxClass::STANDARD.as_str());
    let name = classes.iter().find(|class| is_standard(class)).or(classes.first()).cloned().flatten();
    let mut common = Common { warning: name.as_deref().and_then(warning), name, ..Common::default() };
    for other in classes.iter().filter(|class| !is_standard(class) && **class != common.name).flatten() {
        let what =
            if other == NOT_TAXABLE { "are not taxable".to_owned() } else { format!("have the tax class {other}") };
        let what = format!("variants that {what}, which is not imported because a product has one tax class");
        *common.other.entry(what).or_default() += 1;
    }
    common
}

fn warning(class: &str) -> Option<String> {
    match class {
        NOT_TAXABLE => Some(format!(
            "is not taxable: it gets the tax class {class}, which is taxed at 0 % while no rate is set for it"
        )),
        class if class == TaxClass::STANDARD.as_str() => None,
        class => Some(format!("gets the tax class {class}, which is taxed at 0 % in countries without a rate for it")),
    }
}

/// Our class for one of WooCommerce, or why there is none. Its own classes are those of every shop; a merchant can add others.
pub(super) fn of_woocommerce(cell: &str) -> Result<String, String> {
    let class = names::handle(cell);
    let class = match class.as_str() {
        "" => TaxClass::STANDARD.as_str(),
        "reduced-rate" => "reduced",
        "zero-rate" => "zero",
        class => class,
    };
    if class.parse::<TaxClass>().is_err() {
        return Err(format!("variants with the tax class {}, which is not imported", quote(cell)));
    }
    Ok(class.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned()).filter(|name| !name.is_empty())).collect()
    }

    #[test]
    fn a_product_has_the_class_of_its_variants() {
        for (names, class, part) in [
            (&["none", "none"][..], Some("none"), "is not taxable: it gets the tax class none"),
            (&["reduced"], Some("reduced"), "gets the tax class reduced"),
            (&["standard", "standard"], Some("standard"), ""),
            (&["", ""], None, ""),
            (&[], None, ""),
        ] {
            let common = common(&classes(names));
            assert_eq!((common.name.as_deref(), common.other.len()), (class, 0), "{names:?}");
            assert_eq!(common.warning.is_some(), !part.is_empty(), "{names:?}");
            assert!(common.warning.unwrap_or_default().starts_with(part), "{names:?}");
        }
    }

    #[test]
    fn of_variants_with_several_classes_the_standard_one_counts() {
        let reduced =
            "variants that have the tax class reduced, which is not imported because a product has one tax class";
        let untaxed = "variants that are not taxable, which is not imported because a product has one tax class";
        for (names, class, other) in [
            (&["none", "", "none"][..], None, &[(untaxed, 2)][..]),
            (&["reduced", "standard", "none"], Some("standard"), &[(untaxed, 1), (reduced, 1)]),
            (&["none", "reduced"], Some("none"), &[(reduced, 1)]),
        ] {
            let common = common(&classes(names));
            assert_eq!(common.name.as_deref(), class, "{names:?}");
            let expected = other.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
            assert_eq!(common.other, expected, "{names:?}");
        }
    }

    #[test]
    fn the_classes_of_woocommerce_have_ours_with_the_same_meaning() {
        for (cell, class) in [
            ("", "standard"),
            ("standard", "standard"),
            ("reduced-rate", "reduced"),
            ("Reduced rate", "reduced"),
            ("zero-rate", "zero"),
            ("books", "books"),
            ("Super reduced", "super-reduced"),
        ] {
            assert_eq!(of_woocommerce(cell).as_deref(), Ok(class), "{cell}");
        }
        for cell in ["ermäßigt", "proportional"] {
            assert!(of_woocommerce(cell).unwrap_err().contains(cell));
        }
    }
}
