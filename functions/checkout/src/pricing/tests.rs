use contracts::{Currency, Sealed, events::catalog::Price};
use proptest::prelude::*;

use super::*;
use crate::{
    cart::{
        Shipping,
        tests::{cart, line},
    },
    listing::tests::{always, listed, taxed},
    promotion::{
        Benefit, Terms,
        tests::{percentage, promotion},
    },
    rates::{
        RegionRates, Rounding, ShippingTax, TaxTerms,
        tests::{classes, country, flat, option},
    },
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::Eur)
}

/// A cart with lines of the given prices and quantities, shipped to Great Britain with one percentage of tax, and its
/// pricing.
fn basket(lines: &[(i64, u32)], shipping: i64, tax: &str, benefit: Option<Benefit>) -> (Cart, PricingContext) {
    taxed_basket(lines, shipping, flat(tax), benefit)
}

fn taxed_basket(
    lines: &[(i64, u32)],
    shipping: i64,
    tax: TaxTerms,
    benefit: Option<Benefit>,
) -> (Cart, PricingContext) {
    let to = Shipping {
        option: "standard".to_owned(),
        country: country("GB"),
        region: None,
        address: Sealed::from_ciphertext(String::new()),
    };
    let options = vec![option("standard", eur(shipping), None)];
    let promotion = benefit.map(|benefit| promotion(benefit, Terms::default()));
    let mut cart = cart(1).ship(to, NOW).unwrap();
    let mut pricing = PricingContext {
        shipping: Some(ShippingRates::set(None, country("GB"), options).unwrap().0),
        tax: Some(TaxRates::set(None, country("GB"), tax).unwrap().0),
        ..PricingContext::default()
    };
    cart.promotions = promotion
        .iter()
        .map(|promotion| AppliedCode { code: promotion.code.clone().unwrap(), promotion: promotion.id })
        .collect();
    pricing.promotions = promotion.into_iter().collect();
    for (at, (price, quantity)) in lines.iter().enumerate() {
        let sku = format!("S{at}");
        cart = cart.put(line(&sku, *quantity), NOW).unwrap();
        pricing.stocks.push(Stock { sku: sku.parse().unwrap(), available: 999, version: 1 });
        pricing.listings.push(listed(&sku, vec![always(*price, Currency::Eur)]));
    }
    (cart, pricing)
}

fn priced(lines: &[(i64, u32)], shipping: i64, tax: &str, benefit: Option<Benefit>) -> Priced {
    let (cart, pricing) = basket(lines, shipping, tax, benefit);
    price(&cart, &pricing, NOW).unwrap()
}

fn rules(priced: &Priced) -> Vec<(&str, i64)> {
    priced.trace.iter().map(|step| (step.rule.as_str(), step.amount.amount)).collect()
}

#[test]
fn each_rule_stands_in_the_trace_in_its_order() {
    let priced = priced(&[(4999, 2), (1, 1)], 499, "20", Some(percentage("10")));
    let trace = [("price", 9998), ("price", 1), ("promotion:SPRING", -1000), ("shipping:standard", 499)];
    assert_eq!(rules(&priced), [trace.as_slice(), &[("tax:GB", 1900)]].concat());
    assert_eq!(priced.totals.total, eur(9999 - 1000 + 499 + 1900));
}

#[test]
fn tax_is_rounded_half_up_on_each_line_after_its_discount() {
    let priced = priced(&[(5, 1), (5, 1)], 5, "10", None);
    assert_eq!(priced.sold().map(|line| line.tax.amount).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(priced.totals.tax, eur(3));
}

#[test]
fn a_country_without_a_tax_rate_is_said_to_have_none() {
    let (cart, mut pricing) = basket(&[(100, 1)], 0, "20", None);
    pricing.tax = None;
    let priced = price(&cart, &pricing, NOW).unwrap();
    assert_eq!((priced.totals.tax, rules(&priced).last()), (eur(0), Some(&("tax:GB", 0))));
}

#[test]
fn a_line_says_what_the_customer_should_know() {
    let warnings = |prices: Vec<Price>, seen, available| {
        let cart = cart(1).put(Line { seen, ..line("A", 3) }, NOW).unwrap();
        let sku: Sku = "A".parse().unwrap();
        let stocks = vec![Stock { sku, available, version: 1 }];
        let pricing = PricingContext { listings: vec![listed("A", prices)], stocks, ..PricingContext::default() };
        price(&cart, &pricing, NOW).unwrap().lines.remove(0).warnings
    };
    let euros = || vec![always(5, Currency::Eur)];
    assert_eq!(warnings(euros(), Some(eur(5)), 3), []);
    let changed = Warning::PriceChanged { was: eur(4), now: eur(5) };
    assert_eq!(warnings(euros(), Some(eur(4)), 2), [Warning::OnlyLeft(2), changed]);
    let elsewhere = vec![always(5, Currency::Gbp)];
    assert_eq!(warnings(elsewhere, None, 3), [Warning::Unsold(Unsold::NotIn(Currency::Eur))]);
}

#[test]
fn what_is_not_sold_counts_nothing() {
    let (cart, mut pricing) = basket(&[(100, 1), (7, 1)], 0, "0", None);
    pricing.listings.remove(0);
    let priced = price(&cart, &pricing, NOW).unwrap();
    assert_eq!((priced.totals.items, priced.sold().count()), (eur(7), 1));
    assert_eq!(priced.lines[0].warnings, [Warning::Unsold(Unsold::Unknown)]);
}

#[test]
fn a_promotion_that_no_longer_holds_takes_nothing_off_and_says_why() {
    let (cart, mut pricing) = basket(&[(100, 1)], 0, "0", Some(percentage("10")));
    pricing.promotions = pricing.promotions.into_iter().map(|promotion| promotion.end(NOW).unwrap().0).collect();
    let ended = price(&cart, &pricing, NOW).unwrap();
    assert_eq!((ended.totals.total, &ended.promotions[0].saving), (eur(100), &Err(promotion::Rejection::Ended)));
    assert_eq!(ended.refused().collect::<Vec<_>>(), [&promotion::Rejection::Ended]);
}

#[test]
fn a_sum_beyond_all_bounds_is_refused() {
    let (cart, pricing) = basket(&[(i64::MAX, 2)], 0, "0", None);
    assert_eq!(price(&cart, &pricing, NOW), Err(MoneyError::OutOfRange));
}

#[test]
fn tax_that_prices_contain_adds_nothing_and_the_trace_says_what_is_contained() {
    let terms = TaxTerms { included: true, ..flat("19") };
    let (cart, pricing) = taxed_basket(&[(400_000, 1), (1500, 1)], 0, terms, None);
    let priced = price(&cart, &pricing, NOW).unwrap();
    assert_eq!(
        priced.sold().map(|line| (line.tax.amount, line.tax_included)).collect::<Vec<_>>(),
        [(63_866, true), (239, true)]
    );
    assert_eq!((priced.totals.tax, priced.totals.total), (eur(64_105), eur(401_500)));
    assert!(priced.totals.tax_included);
    let last = priced.trace.last().unwrap();
    assert_eq!((&*last.rule, last.amount), ("tax:GB", eur(0)));
    assert_eq!(last.description, "19 % on each line and on shipping: the prices contain 641.05 EUR");
}

#[test]
fn the_tax_that_prices_contain_is_that_of_what_is_left_after_the_discount() {
    let terms = TaxTerms { included: true, ..flat("20") };
    let (cart, pricing) = taxed_basket(&[(1110, 1)], 500, terms, Some(percentage("10")));
    let priced = price(&cart, &pricing, NOW).unwrap();
    // 11.10 less 10 % is 9.99, which contains 1.67 of tax. Shipping of 5.00 contains 0.83.
    assert_eq!((priced.totals.tax, priced.totals.total), (eur(167 + 83), eur(1110 - 111 + 500)));
}

#[test]
fn the_trace_names_the_region_whose_tax_it_is() {
    let (cart, mut pricing) = basket(&[(100, 1)], 0, "0", None);
    let region = RegionRates { region: "CA".to_owned(), rates: classes(&[("standard", "10")]) };
    let terms = TaxTerms { regions: vec![region], ..flat("1") };
    pricing.tax = Some(TaxRates::set(None, country("US"), terms).unwrap().0);
    let priced_in = |state: Option<&str>| {
        let to =
            Shipping { country: country("US"), region: state.map(str::to_owned), ..cart.shipping.clone().unwrap() };
        let priced = price(&cart.clone().ship(to, NOW).unwrap(), &pricing, NOW).unwrap();
        rules(&priced).last().map(|(rule, amount)| ((*rule).to_owned(), *amount)).unwrap()
    };
    assert_eq!(priced_in(Some("CA")), ("tax:US-CA".to_owned(), 10));
    assert_eq!((priced_in(Some("NY")), priced_in(None)), (("tax:US".to_owned(), 1), ("tax:US".to_owned(), 1)));
}

#[test]
fn a_line_has_the_tax_class_of_its_product_and_the_discount_of_its_promotion() {
    let (cart, mut pricing) = basket(&[(100, 1), (1000, 1)], 0, "20", Some(percentage("10")));
    pricing.listings[1] = taxed("S1", "zero".parse().unwrap(), vec![always(1000, Currency::Eur)]);
    let priced = price(&cart, &pricing, NOW).unwrap();
    let lines = priced.sold().map(|line| (line.tax_class.as_str(), line.tax.amount, line.discounts[0].clone()));
    let off = |amount| contracts::LineDiscount { promotion: uuid::Uuid::from_u128(1).into(), amount: eur(amount) };
    assert_eq!(lines.collect::<Vec<_>>(), [("standard", 18, off(10)), ("zero", 0, off(100))]);
}

fn benefits() -> impl Strategy<Value = Option<Benefit>> {
    let percentages = (1..=10_000_u32).prop_map(|n| percentage(&format!("{}.{:02}", n / 100, n % 100)));
    let amounts = (1..2_000_000_i64).prop_map(|amount| Benefit::Fixed(eur(amount).into()));
    proptest::option::of(prop_oneof![percentages, amounts])
}

fn terms() -> impl Strategy<Value = TaxTerms> {
    (0..=100_u32, 0..=100_u32, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(standard, reduced, included, proportional, total)| TaxTerms {
            rates: classes(&[("standard", &standard.to_string()), ("reduced", &reduced.to_string())]),
            included,
            shipping: if proportional { ShippingTax::Proportional } else { ShippingTax::default() },
            rounding: if total { Rounding::Total } else { Rounding::Line },
            ..TaxTerms::default()
        },
    )
}

proptest! {
    #[test]
    fn the_lines_and_the_trace_add_up_to_the_totals(
        lines in proptest::collection::vec((0..100_000_i64, 1..=999_u32), 0..12),
        shipping in 0..10_000_i64,
        tax in terms(),
        benefit in benefits(),
    ) {
        let included = tax.included;
        let (cart, mut pricing) = taxed_basket(&lines, shipping, tax, benefit);
        for listing in pricing.listings.iter_mut().skip(1).step_by(2) {
            let (_, price) = listing.price(Currency::Eur, NOW).unwrap();
            let prices = vec![always(price.amount, Currency::Eur)];
            *listing = taxed(listing.sku.as_str(), "reduced".parse().unwrap(), prices);
        }
        let priced = price(&cart, &pricing, NOW).unwrap();
        let Totals { items, discount, shipping, tax, tax_included, total } = priced.totals.clone();
        let sum = |of: fn(&OrderLine) -> Money| priced.sold().map(|line| of(line).amount).sum::<i64>();
        prop_assert_eq!(tax_included, included);
        let added = if included { 0 } else { tax.amount };
        prop_assert_eq!(total.amount, items.amount + shipping.amount + added - discount.amount);
        prop_assert_eq!(priced.trace.iter().map(|step| step.amount.amount).sum::<i64>(), total.amount);
        prop_assert_eq!(sum(|line| line.discount), discount.amount);
        prop_assert_eq!(sum(|line| line.total), items.amount - discount.amount);
        prop_assert!((0..=shipping.amount).contains(&(tax.amount - sum(|line| line.tax))));
        prop_assert!(discount.amount <= items.amount);
        for line in priced.sold() {
            prop_assert!([line.discount, line.tax, line.total].iter().all(|money| money.amount >= 0));
            prop_assert_eq!(line.unit_price.times(line.quantity).unwrap().minus(line.discount).unwrap(), line.total);
            prop_assert_eq!(line.discounts.iter().map(|part| part.amount.amount).sum::<i64>(), line.discount.amount);
            prop_assert_eq!(line.tax_included, included);
        }
    }
}
