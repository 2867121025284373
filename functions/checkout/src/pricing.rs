//! Pricing: calculates lines, totals and their trace from a cart and the read model of its SKUs.
//!
//! The functions are pure. A promotion's discount is split over the lines in proportion to their value, by the
//! largest remainder. Tax is calculated on each line after its discount and on shipping. Each tax amount is rounded
//! half up separately, so the lines add up to the totals, to the last cent.

use contracts::{Adjustment, Money, MoneyError, OrderLine, Sku, Totals};
use jiff::Timestamp;

use crate::{
    cart::{Cart, Line},
    listing::{Listing, Stock, Unsold},
    promotion::{self, Promotion},
    rates::{ShippingOption, ShippingRates, TaxRate},
};

/// The data that a cart is priced with: its SKUs, its promotion and its country.
#[derive(Debug, Clone, Default)]
pub(crate) struct PricingContext {
    pub(crate) listings: Vec<Listing>,
    pub(crate) stocks: Vec<Stock>,
    pub(crate) promotion: Option<Promotion>,
    pub(crate) shipping: Option<ShippingRates>,
    pub(crate) tax: Option<TaxRate>,
}

/// A warning about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warning {
    /// The SKU cannot be bought.
    Unsold(Unsold),
    /// Less stock than the quantity of the line is available, or none.
    OnlyLeft(u32),
    /// The price differs from the price that the customer saw.
    PriceChanged { was: Money, now: Money },
}

/// A priced line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PricedLine {
    pub(crate) line: Line,
    /// The line of an order, or the reason why the SKU cannot be bought.
    pub(crate) sold: Result<OrderLine, Unsold>,
    pub(crate) warnings: Vec<Warning>,
}

/// A priced cart. Lines that cannot be bought do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Priced {
    pub(crate) lines: Vec<PricedLine>,
    /// The chosen shipping option and its price, if the option exists.
    pub(crate) shipping: Option<(ShippingOption, Money)>,
    /// `Err` with the reason if the promotion of the cart is not valid.
    pub(crate) promotion: Result<(), promotion::Rejection>,
    pub(crate) totals: Totals,
    /// The steps of the calculation, in order. Their amounts add up to the total.
    pub(crate) trace: Vec<Adjustment>,
}

/// Prices one line, before discounts and tax.
pub(crate) fn price_line(
    cart: &Cart,
    line: &Line,
    known: &PricingContext,
    now: Timestamp,
) -> Result<PricedLine, MoneyError> {
    let Line { sku, quantity, seen, .. } = line.clone();
    let listing = known.listings.iter().find(|listing| listing.sku == sku);
    let priced = listing.ok_or(Unsold::Unknown).and_then(|listing| {
        let (offer, price) = listing.price(cart.currency, now)?;
        Ok((listing.product, offer.title.clone(), price))
    });
    let (product, title, unit_price) = match priced {
        Ok(priced) => priced,
        Err(unsold) => {
            return Ok(PricedLine { line: line.clone(), sold: Err(unsold), warnings: vec![Warning::Unsold(unsold)] });
        }
    };
    let available = known.stocks.iter().find(|stock| stock.sku == sku).map_or(0, |stock| stock.available);
    let short = (available < quantity).then_some(Warning::OnlyLeft(available));
    let changed = seen.filter(|seen| *seen != unit_price).map(|was| Warning::PriceChanged { was, now: unit_price });
    let (zero, total) = (Money::zero(cart.currency), unit_price.times(quantity)?);
    let sold = OrderLine { sku, product, title, quantity, unit_price, discount: zero, tax: zero, total };
    Ok(PricedLine { line: line.clone(), sold: Ok(sold), warnings: short.into_iter().chain(changed).collect() })
}

/// Prices a cart.
pub(crate) fn price(cart: &Cart, known: &PricingContext, now: Timestamp) -> Result<Priced, MoneyError> {
    let lines = cart.lines.iter().map(|line| price_line(cart, line, known, now)).collect::<Result<Vec<_>, _>>()?;
    let zero = Money::zero(cart.currency);
    let totals = Totals { items: zero, discount: zero, shipping: zero, tax: zero, total: zero };
    let mut priced = Priced { lines, shipping: None, promotion: Ok(()), totals, trace: Vec::new() };
    priced.add_items()?;
    priced.take_off(cart, known, now)?;
    priced.add_shipping(cart, known)?;
    priced.add_tax(cart, known)?;
    let Totals { items, discount, shipping, tax, .. } = priced.totals;
    priced.totals.total = items.minus(discount)?.plus(shipping)?.plus(tax)?;
    Ok(priced)
}

impl Priced {
    /// The lines that can be bought.
    pub(crate) fn sold(&self) -> impl Iterator<Item = &OrderLine> {
        self.lines.iter().filter_map(|line| line.sold.as_ref().ok())
    }

    /// The lines that cannot be bought, by their place in the cart, with the reasons.
    pub(crate) fn unsold(&self) -> impl Iterator<Item = (usize, &Sku, Unsold)> {
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(at, line)| Some((at, &line.line.sku, *line.sold.as_ref().err()?)))
    }

    /// The lines that need more than the stock, with what is available.
    pub(crate) fn short(&self) -> impl Iterator<Item = (usize, &Sku, u32)> {
        let left = |warning: &Warning| if let Warning::OnlyLeft(left) = warning { Some(*left) } else { None };
        let lines = self.lines.iter().enumerate();
        lines.filter_map(move |(at, line)| Some((at, &line.line.sku, line.warnings.iter().find_map(left)?)))
    }

    fn sold_mut(&mut self) -> impl Iterator<Item = &mut OrderLine> {
        self.lines.iter_mut().filter_map(|line| line.sold.as_mut().ok())
    }

    fn add_items(&mut self) -> Result<(), MoneyError> {
        self.totals.items = Money::sum(self.totals.items.currency, self.sold().map(|line| line.total))?;
        let steps = self.sold().map(|line| {
            let description = format!("{} × {} at {}", line.quantity, line.title, line.unit_price);
            Adjustment { rule: "price".to_owned(), description, amount: line.total }
        });
        self.trace = steps.collect();
        Ok(())
    }

    fn take_off(&mut self, cart: &Cart, known: &PricingContext, now: Timestamp) -> Result<(), MoneyError> {
        let Some(code) = &cart.promotion else { return Ok(()) };
        let Some(promotion) = known.promotion.as_ref().filter(|promotion| promotion.code == *code) else {
            self.promotion = Err(promotion::Rejection::Unknown);
            return Ok(());
        };
        let discount = match promotion.discount(self.totals.items, now)? {
            Ok(discount) => discount,
            Err(rejection) => {
                self.promotion = Err(rejection);
                return Ok(());
            }
        };
        let weights: Vec<u64> = self.sold().map(|line| line.total.amount.unsigned_abs()).collect();
        for (line, part) in self.sold_mut().zip(discount.split(&weights)) {
            line.discount = part;
            line.total = line.total.minus(part)?;
        }
        self.totals.discount = discount;
        let amount = Money::zero(discount.currency).minus(discount)?;
        self.step(format!("promotion:{code}"), promotion.benefit.to_string(), amount);
        Ok(())
    }

    /// The value of the lines after discounts, from which shipping can be free.
    pub(crate) fn goods(&self) -> Result<Money, MoneyError> {
        self.totals.items.minus(self.totals.discount)
    }

    fn add_shipping(&mut self, cart: &Cart, known: &PricingContext) -> Result<(), MoneyError> {
        let rates = cart.shipping.as_ref().zip(known.shipping.as_ref());
        let option = rates.and_then(|(chosen, rates)| rates.options.iter().find(|option| option.id == chosen.option));
        let goods = self.goods()?;
        let Some((option, price)) = option.and_then(|option| Some((option, option.price_for(goods)?))) else {
            return Ok(());
        };
        self.totals.shipping = price;
        self.step(format!("shipping:{}", option.id), option.name.clone(), price);
        self.shipping = Some((option.clone(), price));
        Ok(())
    }

    fn add_tax(&mut self, cart: &Cart, known: &PricingContext) -> Result<(), MoneyError> {
        let Some(country) = cart.shipping.as_ref().map(|shipping| &shipping.country) else { return Ok(()) };
        let rule = format!("tax:{country}");
        let Some(tax) = &known.tax else {
            let none = Money::zero(cart.currency);
            self.step(rule, format!("No tax is known for {country}"), none);
            return Ok(());
        };
        for line in self.sold_mut() {
            line.tax = tax.rate.of(line.total)?;
        }
        let on_lines = Money::sum(cart.currency, self.sold().map(|line| line.tax))?;
        self.totals.tax = on_lines.plus(tax.rate.of(self.totals.shipping)?)?;
        let amount = self.totals.tax;
        self.step(rule, format!("{} % on each line and on shipping", tax.rate), amount);
        Ok(())
    }

    fn step(&mut self, rule: String, description: String, amount: Money) {
        self.trace.push(Adjustment { rule, description, amount });
    }
}

#[cfg(test)]
mod tests {
    use contracts::{Currency, Sealed, events::catalog::Price};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        cart::{
            Shipping,
            tests::{cart, line},
        },
        listing::tests::{always, listed},
        promotion::{
            Benefit, Terms,
            tests::{percentage, promotion},
        },
        rates::tests::{country, option},
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    /// A cart with lines of the given prices and quantities, shipped to Great Britain, and its pricing.
    fn basket(lines: &[(i64, u32)], shipping: i64, tax: &str, benefit: Option<Benefit>) -> (Cart, PricingContext) {
        let to = Shipping {
            option: "standard".to_owned(),
            country: country("GB"),
            address: Sealed::from_ciphertext(String::new()),
        };
        let options = vec![option("standard", eur(shipping), None)];
        let promotion = benefit.map(|benefit| promotion(benefit, Terms::default()));
        let mut cart = cart(1).ship(to, NOW).unwrap();
        let mut pricing = PricingContext {
            shipping: Some(ShippingRates::set(None, country("GB"), options).unwrap().0),
            tax: Some(TaxRate::set(None, country("GB"), tax.parse().unwrap()).0),
            ..PricingContext::default()
        };
        cart.promotion = promotion.as_ref().map(|promotion| promotion.code.clone());
        pricing.promotion = promotion;
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
        pricing.promotion = pricing.promotion.map(|promotion| promotion.end(NOW).unwrap().0);
        let ended = price(&cart, &pricing, NOW).unwrap();
        assert_eq!((ended.totals.total, ended.promotion), (eur(100), Err(promotion::Rejection::Ended)));
    }

    #[test]
    fn a_sum_beyond_all_bounds_is_refused() {
        let (cart, pricing) = basket(&[(i64::MAX, 2)], 0, "0", None);
        assert_eq!(price(&cart, &pricing, NOW), Err(MoneyError::OutOfRange));
    }

    fn benefits() -> impl Strategy<Value = Option<Benefit>> {
        let percentages = (1..=10_000_u32).prop_map(|n| percentage(&format!("{}.{:02}", n / 100, n % 100)));
        let amounts = (1..2_000_000_i64).prop_map(|amount| Benefit::Fixed(eur(amount)));
        proptest::option::of(prop_oneof![percentages, amounts])
    }

    proptest! {
        #[test]
        fn the_lines_and_the_trace_add_up_to_the_totals(
            lines in proptest::collection::vec((0..100_000_i64, 1..=999_u32), 0..12),
            shipping in 0..10_000_i64,
            tax in 0..=100_u32,
            benefit in benefits(),
        ) {
            let priced = priced(&lines, shipping, &tax.to_string(), benefit);
            let Totals { items, discount, shipping, tax, total } = priced.totals.clone();
            let sum = |of: fn(&OrderLine) -> Money| priced.sold().map(|line| of(line).amount).sum::<i64>();
            prop_assert_eq!(total.amount, items.amount + shipping.amount + tax.amount - discount.amount);
            prop_assert_eq!(priced.trace.iter().map(|step| step.amount.amount).sum::<i64>(), total.amount);
            prop_assert_eq!(sum(|line| line.discount), discount.amount);
            prop_assert_eq!(sum(|line| line.total), items.amount - discount.amount);
            let on_shipping = "100".parse::<crate::rates::Percent>().unwrap().of(shipping).unwrap();
            prop_assert!((0..=on_shipping.amount).contains(&(tax.amount - sum(|line| line.tax))));
            prop_assert!(discount.amount <= items.amount);
            for line in priced.sold() {
                prop_assert!([line.discount, line.tax, line.total].iter().all(|money| money.amount >= 0));
                prop_assert_eq!(line.unit_price.times(line.quantity).unwrap().minus(line.discount).unwrap(), line.total);
            }
        }
    }
}
