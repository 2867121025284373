//! Pricing: calculates lines, totals and their trace from a cart and the read model of its SKUs.
//!
//! The functions are pure, and their order is fixed: the price of each line, promotions on items, promotions on the order,
//! shipping and its promotions, and tax. The lines add up to the totals, and the trace to the total, to the last cent.

mod base_price;
mod gift;
mod goods;
mod saving;
mod tax;
#[cfg(test)]
mod tests;
mod walk;

use contracts::{
    Adjustment, CategoryId, CustomerGroupId, LineDiscount, Money, MoneyError, OrderLine, PromotionId, Sku, Totals,
};
use jiff::Timestamp;
use lambda::Caller;

use crate::{
    cart::{Cart, Line},
    listing::{Listing, Stock, Unsold},
    price_list::PriceLists,
    promotion::{self, AppliedCode, Benefit, Counted, Level, Promotion, PromotionCode, Redemption, Usage},
    rates::{Country, ShippingOption, ShippingRates, TaxRates},
};
use base_price::{Buyer, choose};
pub(crate) use goods::Good;
use saving::Saving;
use walk::{Outcome, Sale, Verdict};

/// The data that a cart is priced with: its SKUs, its promotions and its country.
#[derive(Debug, Clone, Default)]
pub(crate) struct PricingContext {
    /// The customer groups of the caller.
    pub(crate) groups: Vec<CustomerGroupId>,
    /// The country that the cart is shipped to, once it is known.
    pub(crate) country: Option<Country>,
    pub(crate) price_lists: PriceLists,
    pub(crate) listings: Vec<Listing>,
    pub(crate) stocks: Vec<Stock>,
    /// The promotions of its codes.
    pub(crate) promotions: Vec<Promotion>,
    /// The promotions that apply without a code.
    pub(crate) automatic: Vec<Promotion>,
    /// The cart's uses of promotions that may have a limit, with the usages that each counts for.
    pub(crate) uses: Vec<(Redemption, Vec<Usage>)>,
    pub(crate) shipping: Option<ShippingRates>,
    pub(crate) tax: Option<TaxRates>,
}

impl PricingContext {
    /// The same for a caller, who has the prices of their customer groups.
    pub(crate) fn for_caller(self, caller: &Caller) -> Self {
        Self { groups: caller.groups.clone(), ..self }
    }

    /// The promotions that may apply.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &Promotion> {
        self.promotions.iter().chain(&self.automatic)
    }

    /// The promotions with a limit of uses, or with a single-use code of the cart.
    pub(crate) fn limited(&self) -> Vec<PromotionId> {
        let is_limited =
            |promotion: &&Promotion| self.usages(promotion).any(|(_, usage)| usage.limit(promotion.limits).is_some());
        self.candidates().filter(is_limited).map(|promotion| promotion.id).collect()
    }

    /// The cart's use of a promotion, with each usage that it counts for.
    fn usages(&self, promotion: &Promotion) -> impl Iterator<Item = (&Redemption, &Usage)> {
        let uses = self.uses.iter().filter(|(redemption, _)| redemption.promotion == promotion.id);
        uses.flat_map(|(redemption, usages)| usages.iter().map(move |usage| (redemption, usage)))
    }

    /// Holds the uses of promotions for a quote.
    pub(crate) fn hold(
        &self,
        promotions: &[PromotionId],
        quoted_until: Timestamp,
    ) -> Result<Vec<Counted>, promotion::Rejection> {
        let held = promotions.iter().filter_map(|id| {
            let promotion = self.candidates().find(|promotion| promotion.id == *id)?;
            let (redemption, usages) = self.uses.iter().find(|(redemption, _)| redemption.promotion == *id)?;
            redemption.clone().hold(usages.clone(), promotion.limits, quoted_until).transpose()
        });
        held.collect()
    }

    /// Whether a promotion or the cart's single-use code of it is used as often as it can be, and not by this cart.
    fn is_exhausted(&self, promotion: &Promotion) -> bool {
        self.usages(promotion).any(|(redemption, usage)| !redemption.counts() && !usage.has_room(promotion.limits))
    }
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
    /// The categories of the product and all categories above them.
    pub(crate) categories: Vec<CategoryId>,
    pub(crate) warnings: Vec<Warning>,
}

/// A promotion of a cart: one of a code, or an automatic one that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PricedPromotion {
    pub(crate) id: PromotionId,
    /// The code that was applied. `None` if the promotion is automatic.
    pub(crate) code: Option<PromotionCode>,
    /// Its name and its benefit. `None` if there is no such promotion.
    pub(crate) content: Option<(String, Benefit)>,
    /// What it takes off, or why it takes nothing off.
    pub(crate) saving: Result<Money, promotion::Rejection>,
}

/// A priced cart. Lines that cannot be bought do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Priced {
    pub(crate) lines: Vec<PricedLine>,
    /// The chosen shipping option and its price, if the option exists.
    pub(crate) shipping: Option<(ShippingOption, Money)>,
    /// The promotions of the cart: those that apply, in the order in which they were taken off, then the others.
    pub(crate) promotions: Vec<PricedPromotion>,
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
        let (groups, country) = (&*known.groups, known.country.as_ref());
        let buyer = Buyer { currency: cart.currency, now, groups, country, quantity };
        Ok((listing.product, offer, price, choose(&known.price_lists, &listing.lists, &buyer)))
    });
    let (product, offer, usual, listed) = match priced {
        Ok(priced) => priced,
        Err(unsold) => {
            let (sold, warnings) = (Err(unsold), vec![Warning::Unsold(unsold)]);
            return Ok(PricedLine { line: line.clone(), sold, categories: Vec::new(), warnings });
        }
    };
    let (price_list, unit_price) =
        listed.map_or((None, usual), |(list, amount)| (Some(list), Money::new(amount, cart.currency)));
    let list_price = (unit_price != usual).then_some(usual);
    let available = known.stocks.iter().find(|stock| stock.sku == sku).map_or(0, |stock| stock.available);
    let short = (available < quantity).then_some(Warning::OnlyLeft(available));
    let changed = seen.filter(|seen| *seen != unit_price).map(|was| Warning::PriceChanged { was, now: unit_price });
    let (zero, total) = (Money::zero(cart.currency), unit_price.times(quantity)?);
    let sold = OrderLine {
        sku,
        product,
        title: offer.title.clone(),
        quantity,
        unit_price,
        list_price,
        price_list,
        discount: zero,
        discounts: Vec::new(),
        tax_class: offer.tax_class.clone(),
        tax_included: false,
        tax: zero,
        total,
    };
    let warnings = short.into_iter().chain(changed).collect();
    Ok(PricedLine { line: line.clone(), sold: Ok(sold), categories: offer.categories.clone(), warnings })
}

/// Prices a cart.
pub(crate) fn price(cart: &Cart, known: &PricingContext, now: Timestamp) -> Result<Priced, MoneyError> {
    let lines = cart.lines.iter().map(|line| price_line(cart, line, known, now)).collect::<Result<Vec<_>, _>>()?;
    let totals = Totals::zero(cart.currency);
    let mut priced = Priced { lines, shipping: None, promotions: Vec::new(), totals, trace: Vec::new() };
    priced.add_items()?;
    priced.add_shipping_and_promotions(cart, known, now)?;
    priced.add_tax(cart, known)?;
    priced.totals.total = priced.totals.sum()?;
    Ok(priced)
}

/// The shipping options of a country that have a price in the currency of the cart, each with what it would cost for the
/// cart before promotions on shipping. `known` has the shipping rates of the country.
pub(crate) fn price_options<'a>(
    cart: &Cart,
    country: &Country,
    known: &'a PricingContext,
    now: Timestamp,
) -> Result<Vec<(&'a ShippingOption, Money)>, MoneyError> {
    let lines = cart.lines.iter().map(|line| price_line(cart, line, known, now)).collect::<Result<Vec<_>, _>>()?;
    let mut priced = Vec::new();
    for option in known.shipping.iter().flat_map(|rates| &rates.options) {
        let price = apply_promotions(cart, &lines, known, Some(country), Some(option), now)?.shipping;
        priced.extend(price.map(|price| (option, price)));
    }
    Ok(priced)
}

/// Takes the promotions of a cart off the lines that can be bought, for a country and an option.
fn apply_promotions<'a>(
    cart: &Cart,
    lines: &[PricedLine],
    known: &'a PricingContext,
    country: Option<&Country>,
    option: Option<&ShippingOption>,
    now: Timestamp,
) -> Result<Outcome<'a>, MoneyError> {
    let sold = lines.iter().filter_map(|line| Some(Good::of(line.sold.as_ref().ok()?, &line.categories)));
    let exhausted = known.candidates().filter(|promotion| known.is_exhausted(promotion)).map(|promotion| promotion.id);
    let (zero, exhausted) = (Money::zero(cart.currency), &*exhausted.collect::<Vec<_>>());
    let sale = Sale { zero, now, country, groups: &known.groups, option, exhausted };
    walk::apply(known.candidates(), sold.collect(), &sale)
}

impl PricedPromotion {
    fn unknown(AppliedCode { code, promotion }: AppliedCode) -> Self {
        Self { id: promotion, code: Some(code), content: None, saving: Err(promotion::Rejection::Unknown) }
    }
}

impl Priced {
    /// The promotions that take something off.
    pub(crate) fn saving(&self) -> impl Iterator<Item = PromotionId> {
        let saves = |promotion: &&PricedPromotion| promotion.saving.as_ref().is_ok_and(|saved| saved.amount > 0);
        self.promotions.iter().filter(saves).map(|promotion| promotion.id)
    }

    /// The promotions that apply.
    pub(crate) fn applied(&self) -> impl Iterator<Item = PromotionId> {
        self.promotions.iter().filter(|promotion| promotion.saving.is_ok()).map(|promotion| promotion.id)
    }

    /// Why promotions of the cart take nothing off, but for those that do not combine with others.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &promotion::Rejection> {
        let refused = self.promotions.iter().filter_map(|promotion| promotion.saving.as_ref().err());
        refused.filter(|why| **why != promotion::Rejection::NotCombined)
    }

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
            let rule = line.price_list.map_or_else(|| "price".to_owned(), |list| format!("price:{list}"));
            Adjustment { rule, description, amount: line.total }
        });
        self.trace = steps.collect();
        Ok(())
    }

    /// Takes promotions off the lines, adds shipping for what is left, and takes promotions off its price.
    fn add_shipping_and_promotions(
        &mut self,
        cart: &Cart,
        known: &PricingContext,
        now: Timestamp,
    ) -> Result<(), MoneyError> {
        let rates = cart.shipping.as_ref().zip(known.shipping.as_ref());
        let option = rates.and_then(|(chosen, rates)| rates.options.iter().find(|option| option.id == chosen.option));
        let Outcome { verdicts, shipping } = apply_promotions(cart, &self.lines, known, cart.country(), option, now)?;
        let mut on_shipping = Vec::new();
        for Verdict { promotion, saving } in verdicts {
            let applied = cart.promotions.iter().find(|applied| applied.promotion == promotion.id);
            // An automatic promotion that does not apply is nothing that the customer asked for.
            if applied.is_some() || saving.is_ok() {
                let (id, code) = (promotion.id, applied.map(|applied| applied.code.clone()));
                let content = Some((promotion.name.clone(), promotion.benefit.clone()));
                let saved = saving.as_ref().map_err(Clone::clone).map(Saving::total);
                let saved = saved.map_or_else(|why| Ok(Err(why)), |total| total.map(Ok))?;
                self.promotions.push(PricedPromotion { id, code, content, saving: saved });
            }
            // A customer with a single-use code does not learn the own code of the promotion.
            let label = applied.map_or_else(|| promotion.label(), |applied| applied.code.to_string());
            match saving {
                Ok(saving) if promotion.level() == Level::Shipping => {
                    on_shipping.push((promotion, label, saving.shipping));
                }
                Ok(saving) => self.take_off(promotion, &label, &saving)?,
                Err(_) => {}
            }
        }
        let is_unknown = |applied: &&AppliedCode| known.promotions.iter().all(|known| known.id != applied.promotion);
        let unknown: Vec<_> =
            cart.promotions.iter().filter(is_unknown).cloned().map(PricedPromotion::unknown).collect();
        self.promotions.extend(unknown);
        let Some((option, price)) = option.zip(shipping) else { return Ok(()) };
        self.totals.shipping = price;
        self.step(format!("shipping:{}", option.id), option.name.clone(), price);
        self.shipping = Some((option.clone(), price));
        for (promotion, label, off) in on_shipping {
            self.totals.shipping = self.totals.shipping.minus(off)?;
            self.step_of(promotion, &label, off)?;
        }
        Ok(())
    }

    /// Takes what a promotion saves off the lines.
    fn take_off(&mut self, promotion: &Promotion, label: &str, saving: &Saving) -> Result<(), MoneyError> {
        for (line, part) in self.sold_mut().zip(&saving.lines) {
            line.discount = line.discount.plus(*part)?;
            line.total = line.total.minus(*part)?;
            if part.amount > 0 {
                line.discounts.push(LineDiscount { promotion: promotion.id, amount: *part });
            }
        }
        let off = saving.total()?;
        self.totals.discount = self.totals.discount.plus(off)?;
        self.step_of(promotion, label, off)
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

    fn step_of(&mut self, promotion: &Promotion, label: &str, off: Money) -> Result<(), MoneyError> {
        let amount = Money::zero(off.currency).minus(off)?;
        self.step(format!("promotion:{label}"), promotion.name.clone(), amount);
        Ok(())
    }

    fn step(&mut self, rule: String, description: String, amount: Money) {
        self.trace.push(Adjustment { rule, description, amount });
    }
}
