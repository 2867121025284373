//! The tax on the lines and on shipping.

use std::collections::BTreeMap;

use contracts::{Money, MoneyError, TaxClass};

use crate::rates::{Percent, Rounding, ShippingTax, TaxTerms};

/// An amount that is taxed at the percentage of a class.
type Part<'a> = (&'a TaxClass, Money);

/// The tax on a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tax {
    /// The tax on each line.
    pub(super) lines: Vec<Money>,
    /// The tax on lines and shipping.
    pub(super) total: Money,
    /// How it was calculated, for display.
    pub(super) description: String,
}

/// Calculates the tax on lines, each after its discount, and on shipping to a region.
pub(super) fn tax(
    terms: &TaxTerms,
    region: Option<&str>,
    lines: &[Part<'_>],
    shipping: Money,
) -> Result<Tax, MoneyError> {
    let region = terms.region(region);
    let parts: Vec<Part<'_>> = lines.iter().copied().chain(shipping_parts(&terms.shipping, lines, shipping)?).collect();
    let rates: BTreeMap<&TaxClass, Option<Percent>> =
        parts.iter().map(|(class, _)| (*class, terms.rate(region, class))).collect();
    let tax_on = |class: &TaxClass, amount: Money| {
        let rate = rates.get(class).copied().flatten().unwrap_or(Percent::ZERO);
        if terms.included { rate.contained_in(amount) } else { rate.of(amount) }
    };
    let taxes = match terms.rounding {
        Rounding::Line => parts.iter().map(|(class, amount)| tax_on(class, *amount)).collect::<Result<Vec<_>, _>>()?,
        Rounding::Total => per_class(&parts, shipping, tax_on)?,
    };
    let total = Money::sum(shipping.currency, taxes.iter().copied())?;
    Ok(Tax { lines: taxes[..lines.len()].to_vec(), total, description: describe(terms, &rates, total) })
}

/// The parts of the price of shipping. Without lines, shipping is taxed like standard goods.
fn shipping_parts<'a>(shipped: &'a ShippingTax, lines: &[Part<'a>], price: Money) -> Result<Vec<Part<'a>>, MoneyError> {
    let like = match shipped {
        ShippingTax::Class(class) => class,
        ShippingTax::Proportional if lines.is_empty() => &TaxClass::STANDARD,
        ShippingTax::Proportional => {
            let worth = sums(lines, price)?;
            let weights: Vec<_> = worth.values().map(|worth| worth.amount.unsigned_abs()).collect();
            return Ok(worth.into_keys().zip(price.split(&weights)).collect());
        }
    };
    Ok(vec![(like, price)])
}

/// The tax on the sum of each class, split over its parts by the largest remainder.
fn per_class(
    parts: &[Part<'_>],
    shipping: Money,
    tax_on: impl Fn(&TaxClass, Money) -> Result<Money, MoneyError>,
) -> Result<Vec<Money>, MoneyError> {
    let mut taxes = vec![Money::zero(shipping.currency); parts.len()];
    for (class, sum) in sums(parts, shipping)? {
        let places: Vec<_> = (0..parts.len()).filter(|at| parts[*at].0 == class).collect();
        let weights: Vec<_> = places.iter().map(|at| parts[*at].1.amount.unsigned_abs()).collect();
        for (at, share) in places.into_iter().zip(tax_on(class, sum)?.split(&weights)) {
            taxes[at] = share;
        }
    }
    Ok(taxes)
}

/// The sum of the parts of each class, in the currency of another amount.
fn sums<'a>(parts: &[Part<'a>], like: Money) -> Result<BTreeMap<&'a TaxClass, Money>, MoneyError> {
    let mut sums = BTreeMap::new();
    for (class, amount) in parts {
        let sum = sums.entry(*class).or_insert(Money::zero(like.currency));
        *sum = sum.plus(*amount)?;
    }
    Ok(sums)
}

fn describe(terms: &TaxTerms, rates: &BTreeMap<&TaxClass, Option<Percent>>, total: Money) -> String {
    let percent = |rate: &Option<Percent>| match rate {
        Some(rate) => format!("{rate} %"),
        None => "0 % (no rate is set)".to_owned(),
    };
    let rates: Vec<_> = match rates.iter().next() {
        Some((class, rate)) if rates.len() == 1 && class.is_standard() => vec![percent(rate)],
        _ => rates.iter().map(|(class, rate)| format!("{class} {}", percent(rate))).collect(),
    };
    let taxed = match terms.rounding {
        Rounding::Line => "on each line and on shipping",
        Rounding::Total => "on the sum of each tax class",
    };
    let contained = if terms.included { format!(": the prices contain {total}") } else { String::new() };
    format!("{} {taxed}{contained}", rates.join(", "))
}

#[cfg(test)]
mod tests {
    use contracts::Currency::{self, Eur, Jpy, Kwd, Usd};
    use proptest::prelude::*;

    use super::*;
    use crate::rates::{
        RegionRates, TaxRates,
        tests::{classes, country, flat},
    };

    fn including(percent: &str) -> TaxTerms {
        TaxTerms { included: true, ..flat(percent) }
    }

    /// The tax on each line, and on lines and shipping, in a currency.
    fn taxed_in(
        currency: Currency,
        terms: &TaxTerms,
        region: Option<&str>,
        lines: &[(&str, i64)],
        shipping: i64,
    ) -> (Vec<i64>, i64) {
        let names: Vec<TaxClass> = lines.iter().map(|(class, _)| class.parse().unwrap()).collect();
        let parts: Vec<_> =
            names.iter().zip(lines).map(|(class, (_, amount))| (class, Money::new(*amount, currency))).collect();
        let tax = tax(terms, region, &parts, Money::new(shipping, currency)).unwrap();
        (tax.lines.iter().map(|line| line.amount).collect(), tax.total.amount)
    }

    fn taxed(terms: &TaxTerms, lines: &[(&str, i64)], shipping: i64) -> (Vec<i64>, i64) {
        taxed_in(Eur, terms, None, lines, shipping)
    }

    fn described(terms: &TaxTerms, lines: &[(&str, i64)]) -> String {
        let names: Vec<TaxClass> = lines.iter().map(|(class, _)| class.parse().unwrap()).collect();
        let parts: Vec<_> =
            names.iter().zip(lines).map(|(class, (_, amount))| (class, Money::new(*amount, Eur))).collect();
        tax(terms, None, &parts, Money::zero(Eur)).unwrap().description
    }

    #[test]
    fn a_gross_price_of_9_99_at_20_percent_contains_1_67_of_tax() {
        // 999 × 20 / 120 = 166.5, which is rounded up.
        assert_eq!(taxed(&including("20"), &[("standard", 999)], 0), (vec![167], 167));
        // Without tax it costs 8.32, and 20 % of that are 1.66: adding tax to a net price gives 9.98 or 10.00, but never 9.99.
        assert_eq!(taxed(&flat("20"), &[("standard", 832)], 0), (vec![166], 166));
        assert_eq!(taxed(&flat("20"), &[("standard", 833)], 0), (vec![167], 167));
    }

    #[test]
    fn gross_prices_of_4000_00_and_15_00_at_19_percent_contain_638_66_and_2_39() {
        // 400,000 × 19 / 119 = 63,865.55 and 1500 × 19 / 119 = 239.50 (239.4958).
        let lines = [("standard", 400_000), ("standard", 1500)];
        assert_eq!(taxed(&including("19"), &lines, 0), (vec![63_866, 239], 64_105));
        // The sum, 4015.00, contains 401,500 × 19 / 119 = 64,105.04: rounded once, it is the same here.
        let once = TaxTerms { rounding: Rounding::Total, ..including("19") };
        assert_eq!(taxed(&once, &lines, 0), (vec![63_866, 239], 64_105));
    }

    #[test]
    fn three_lines_of_0_99_at_20_percent_differ_by_what_is_rounded() {
        // Each line: 99 × 20 % = 19.8, rounded 20, in sum 60. Once: 297 × 20 % = 59.4, rounded 59, of which the first two
        // lines have 20 and the last 19.
        let lines = [("standard", 99), ("standard", 99), ("standard", 99)];
        assert_eq!(taxed(&flat("20"), &lines, 0), (vec![20, 20, 20], 60));
        let once = TaxTerms { rounding: Rounding::Total, ..flat("20") };
        assert_eq!(taxed(&once, &lines, 0), (vec![20, 20, 19], 59));
    }

    #[test]
    fn each_class_has_its_percentage_and_is_rounded_by_itself() {
        let rates = classes(&[("standard", "25"), ("reduced", "15")]);
        let included = TaxTerms { rates: rates.clone(), included: true, ..TaxTerms::default() };
        // 115.00 × 15 / 115 = 15.00, 125.00 × 25 / 125 = 25.00, and shipping of 5.00 × 25 / 125 = 1.00.
        assert_eq!(taxed(&included, &[("reduced", 11_500), ("standard", 12_500)], 500), (vec![1500, 2500], 4100));
        // Once per class: 3 × 25 % = 0.75 is 1, and 3 × 15 % = 0.45 is 0. Together, 1.2 would be 1 as well; line by line
        // it would be 0.25 and 0.15 six times, which is 0.
        let once = TaxTerms { rates, rounding: Rounding::Total, ..TaxTerms::default() };
        let lines = [("standard", 1), ("reduced", 1), ("standard", 1), ("reduced", 1), ("standard", 1), ("reduced", 1)];
        assert_eq!(taxed(&once, &lines, 0), (vec![1, 0, 0, 0, 0, 0], 1));
    }

    #[test]
    fn yen_have_no_minor_unit_and_dinars_have_three_decimals() {
        // 333 JPY × 10 % = 33.3, rounded 33, and 335 JPY × 10 % = 33.5, rounded 34.
        assert_eq!(taxed_in(Jpy, &flat("10"), None, &[("standard", 333), ("standard", 335)], 0), (vec![33, 34], 67));
        // 1100 JPY contain 100 JPY.
        assert_eq!(taxed_in(Jpy, &including("10"), None, &[("standard", 1100)], 0), (vec![100], 100));
        // 12.345 KWD × 5 % = 0.61725, rounded 0.617, and 12.350 KWD × 5 % = 0.6175, rounded 0.618.
        assert_eq!(
            taxed_in(Kwd, &flat("5"), None, &[("standard", 12_345), ("standard", 12_350)], 0),
            (vec![617, 618], 1235)
        );
        // 10.500 KWD contain 0.500 KWD.
        assert_eq!(taxed_in(Kwd, &including("5"), None, &[("standard", 10_500)], 0), (vec![500], 500));
    }

    #[test]
    fn a_us_state_has_its_own_percentage_and_another_state_that_of_the_country() {
        let region = |code: &str, percent: &str| RegionRates {
            region: code.to_owned(),
            rates: classes(&[("standard", percent), ("food", "0")]),
        };
        let terms = TaxTerms { regions: vec![region("California", "7.25"), region("OR", "0")], ..flat("0") };
        let terms = TaxRates::set(None, country("US"), terms).unwrap().0.terms;
        let in_state = |state| taxed_in(Usd, &terms, Some(state), &[("standard", 4999), ("food", 1000)], 1900);
        // 49.99 × 7.25 % = 3.624…, and shipping of 19.00 × 7.25 % = 1.3775.
        assert_eq!(in_state("CA"), (vec![362, 0], 362 + 138));
        assert_eq!((in_state("OR"), in_state("NY")), ((vec![0, 0], 0), (vec![0, 0], 0)));
    }

    #[test]
    fn shipping_is_taxed_like_its_class_or_in_proportion_to_the_goods() {
        let terms = |shipping| TaxTerms {
            rates: classes(&[("standard", "20"), ("books", "5")]),
            shipping,
            ..TaxTerms::default()
        };
        let lines = [("standard", 3000), ("books", 6000)];
        let like_books = terms(ShippingTax::Class("books".parse().unwrap()));
        assert_eq!(taxed(&like_books, &lines, 500), (vec![600, 300], 900 + 25));
        // A third of 5.00 goes with the standard goods: 1.67 × 20 % = 0.334, and 3.33 × 5 % = 0.1665.
        assert_eq!(taxed(&terms(ShippingTax::Proportional), &lines, 500), (vec![600, 300], 900 + 33 + 17));
        // Goods that are free share it equally, and without goods it is standard.
        assert_eq!(taxed(&terms(ShippingTax::Proportional), &[("standard", 0), ("books", 0)], 500).1, 50 + 13);
        assert_eq!(taxed(&terms(ShippingTax::Proportional), &[], 500).1, 100);
    }

    #[test]
    fn a_class_without_a_percentage_is_not_taxed_and_the_trace_says_so() {
        assert_eq!(taxed(&flat("20"), &[("standard", 100), ("books", 100)], 0), (vec![20, 0], 20));
        let described = |terms: &TaxTerms| described(terms, &[("standard", 100), ("books", 100)]);
        assert_eq!(described(&flat("20")), "books 0 % (no rate is set), standard 20 % on each line and on shipping");
    }

    #[test]
    fn the_trace_says_what_is_taxed_how() {
        let standard = [("standard", 11_900)];
        assert_eq!(described(&flat("19"), &standard), "19 % on each line and on shipping");
        let once = TaxTerms { rounding: Rounding::Total, ..including("19") };
        assert_eq!(described(&once, &standard), "19 % on the sum of each tax class: the prices contain 19.00 EUR");
    }

    proptest! {
        #[test]
        fn rounding_once_per_class_loses_no_cent(
            amounts in proptest::collection::vec((0..3_usize, 0..1_000_000_i64), 1..12),
            shipping in 0..10_000_i64,
            included: bool,
            proportional: bool,
        ) {
            let names = ["standard", "reduced", "zero"];
            let terms = TaxTerms {
                rates: classes(&[("standard", "19"), ("reduced", "7.7")]),
                included,
                shipping: if proportional { ShippingTax::Proportional } else { ShippingTax::default() },
                rounding: Rounding::Total,
                ..TaxTerms::default()
            };
            let lines: Vec<_> = amounts.iter().map(|(class, amount)| (names[*class], *amount)).collect();
            let (each, total) = taxed(&terms, &lines, shipping);
            for ((class, amount), tax) in lines.iter().zip(&each) {
                // A share differs by less than a cent from the exact tax on its line, and the sum by half a cent.
                let rate = terms.rate(None, &class.parse().unwrap()).unwrap_or(Percent::ZERO);
                let money = Money::new(*amount, Eur);
                let alone = if included { rate.contained_in(money) } else { rate.of(money) };
                prop_assert!((tax - alone.unwrap().amount).abs() <= 1);
            }
            prop_assert!(each.iter().sum::<i64>() <= total);
            prop_assert!(each.iter().all(|tax| *tax >= 0));
        }
    }
}
