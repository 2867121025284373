//! Pricing: calculates lines, totals and their trace from a cart and the read model of its SKUs.
//!
//! The functions are pure. A promotion's discount is split over the lines in proportion to their value, by the
//! largest remainder. Tax is calculated on each line after its discount and on shipping, or it is the part of these
//! amounts that they contain. The lines add up to the totals, and the trace to the total, to the last cent.

mod tax;
#[cfg(test)]
mod tests;

use contracts::{Adjustment, LineDiscount, Money, MoneyError, OrderLine, Sku, Totals};
use jiff::Timestamp;

use crate::{
    cart::{Cart, Line},
    listing::{Listing, Stock, Unsold},
    promotion::{self, Promotion},
    rates::{ShippingOption, ShippingRates, TaxRates},
};

/// The data that a cart is priced with: its SKUs, its promotion and its country.
#[derive(Debug, Clone, Default)]
pub(crate) struct PricingContext {
    pub(crate) listings: Vec<Listing>,
    pub(crate) stocks: Vec<Stock>,
    pub(crate) promotion: Option<Promotion>,
    pub(crate) shipping: Option<ShippingRates>,
    pub(crate) tax: Option<TaxRates>,
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
        Ok((listing.product, offer.title.clone(), offer.tax_class.clone(), price))
    });
    let (product, title, tax_class, unit_price) = match priced {
        Ok(priced) => priced,
        Err(unsold) => {
            return Ok(PricedLine { line: line.clone(), sold: Err(unsold), warnings: vec![Warning::Unsold(unsold)] });
        }
    };
    let available = known.stocks.iter().find(|stock| stock.sku == sku).map_or(0, |stock| stock.available);
    let short = (available < quantity).then_some(Warning::OnlyLeft(available));
    let changed = seen.filter(|seen| *seen != unit_price).map(|was| Warning::PriceChanged { was, now: unit_price });
    let (zero, total) = (Money::zero(cart.currency), unit_price.times(quantity)?);
    let sold = OrderLine {
        sku,
        product,
        title,
        quantity,
        unit_price,
        discount: zero,
        discounts: Vec::new(),
        tax_class,
        tax_included: false,
        tax: zero,
        total,
    };
    Ok(PricedLine { line: line.clone(), sold: Ok(sold), warnings: short.into_iter().chain(changed).collect() })
}

/// Prices a cart.
pub(crate) fn price(cart: &Cart, known: &PricingContext, now: Timestamp) -> Result<Priced, MoneyError> {
    let lines = cart.lines.iter().map(|line| price_line(cart, line, known, now)).collect::<Result<Vec<_>, _>>()?;
    let totals = Totals::zero(cart.currency);
    let mut priced = Priced { lines, shipping: None, promotion: Ok(()), totals, trace: Vec::new() };
    priced.add_items()?;
    priced.take_off(cart, known, now)?;
    priced.add_shipping(cart, known)?;
    priced.add_tax(cart, known)?;
    priced.totals.total = priced.totals.sum()?;
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
            line.discounts = vec![LineDiscount { promotion: code.to_string(), amount: part }];
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
        let Some(to) = &cart.shipping else { return Ok(()) };
        let (country, none) = (&to.country, Money::zero(cart.currency));
        let Some(rates) = &known.tax else {
            self.step(format!("tax:{country}"), format!("No tax is known for {country}"), none);
            return Ok(());
        };
        let (terms, region) = (&rates.terms, to.region.as_deref());
        let lines: Vec<_> = self.sold().map(|line| (&line.tax_class, line.total)).collect();
        let tax = tax::tax(terms, region, &lines, self.totals.shipping)?;
        for (line, tax) in self.sold_mut().zip(tax.lines) {
            (line.tax, line.tax_included) = (tax, terms.included);
        }
        (self.totals.tax, self.totals.tax_included) = (tax.total, terms.included);
        let place = terms.region(region).map(|region| format!("-{}", region.region)).unwrap_or_default();
        let added = if terms.included { none } else { tax.total };
        self.step(format!("tax:{country}{place}"), tax.description, added);
        Ok(())
    }

    fn step(&mut self, rule: String, description: String, amount: Money) {
        self.trace.push(Adjustment { rule, description, amount });
    }
}
