//! What a quote was calculated from, kept so that its prices can be verified later.

use std::collections::BTreeSet;

use contracts::{
    Adjustment, CartId, Currency, Money, OrderLine, PromotionId, Quote, QuoteId, Sealed, Sku, Totals, UserId,
    events::catalog::Price,
};
use jiff::Timestamp;
use lambda::Problem;
use serde::{Deserialize, Serialize};

use crate::{
    cart::{Cart, Line, Shipping},
    listing::Listing,
    price_list::PriceLists,
    pricing::{Good, Priced, PricingContext, price},
    promotion::{Benefit, Items, Promotion},
    rates::{Country, ShippingOption, ShippingRates, TaxRates},
};

/// A quote without its address, with the rules that applied. It has nothing that a merchant can change afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptQuote {
    pub(crate) id: QuoteId,
    pub(crate) owner: UserId,
    pub(crate) cart: CartId,
    pub(crate) made_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    currency: Currency,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) totals: Totals,
    /// The promotions that applied. Their items are named by SKU.
    promotions: Vec<Promotion>,
    country: Country,
    region: Option<String>,
    pub(crate) option: ShippingOption,
    tax: Option<TaxRates>,
}

impl KeptQuote {
    /// `None` if the cart has no shipping. It has no quote then.
    pub(crate) fn of(
        quote: &Quote,
        cart: &Cart,
        priced: &Priced,
        known: &PricingContext,
        now: Timestamp,
    ) -> Option<Self> {
        let (to, (option, _)) = cart.shipping.as_ref().zip(priced.shipping.as_ref())?;
        let applied = priced.applied().filter_map(|id| known.candidates().find(|promotion| promotion.id == id));
        let mut tax = known.tax.clone();
        if let Some(rates) = &mut tax {
            rates.terms.regions.retain(|own| Some(&own.region) == to.region.as_ref());
        }
        Some(Self {
            id: quote.jti,
            owner: quote.sub,
            cart: quote.cart,
            made_at: now,
            expires_at: quote.expires_at(),
            currency: cart.currency,
            lines: quote.lines.clone(),
            totals: quote.totals.clone(),
            promotions: applied.map(|promotion| with_skus(promotion.clone(), priced)).collect(),
            country: to.country.clone(),
            region: to.region.clone(),
            option: option.clone(),
            tax,
        })
    }

    /// Calculates the quote again. Returns the steps, and whether the result is what was quoted.
    pub(crate) fn verify(&self) -> Result<(Vec<Adjustment>, bool), Problem> {
        let (cart, known) = (self.cart_again(), self.known_again());
        let priced = price(&cart, &known, self.made_at)?;
        let same = priced.totals == self.totals && priced.sold().eq(&self.lines);
        Ok((priced.trace, same))
    }

    /// The promotions that applied.
    pub(crate) fn promotions(&self) -> impl Iterator<Item = PromotionId> {
        self.promotions.iter().map(|promotion| promotion.id)
    }

    fn cart_again(&self) -> Cart {
        let line = |OrderLine { sku, title, quantity, .. }: &OrderLine| Line {
            sku: sku.clone(),
            title: title.clone(),
            quantity: *quantity,
            seen: None,
            returned_at: None,
        };
        let address = Sealed::from_ciphertext(String::new());
        let (option, country, region) = (self.option.id.clone(), self.country.clone(), self.region.clone());
        Cart {
            lines: self.lines.iter().map(line).collect(),
            shipping: Some(Shipping { option, country, region, address }),
            ..Cart::create(self.cart, self.owner, self.currency, self.made_at)
        }
    }

    fn known_again(&self) -> PricingContext {
        let listing = |line: &OrderLine| {
            let OrderLine { sku, product, title, unit_price, list_price, price_list, tax_class, .. } = line.clone();
            let Money { amount, currency } = list_price.unwrap_or(unit_price);
            let price = Price { amount, currency, valid_from: None, valid_to: None };
            let listed = price_list.map(|list| (list, unit_price.amount));
            Listing::at_price((product, sku), title, tax_class, price, listed)
        };
        let lists: BTreeSet<_> = self.lines.iter().filter_map(|line| line.price_list).collect();
        PricingContext {
            country: Some(self.country.clone()),
            price_lists: PriceLists::for_everyone(lists.into_iter(), self.currency),
            listings: self.lines.iter().map(listing).collect(),
            automatic: self.promotions.clone(),
            shipping: Some(ShippingRates::of_option(self.country.clone(), self.option.clone())),
            tax: self.tax.clone(),
            ..PricingContext::default()
        }
    }
}

/// A promotion that was found to be for the customer, with the code that was applied, and whose items are named by SKU:
/// categories may change later, and the items of a sale are many.
fn with_skus(mut promotion: Promotion, priced: &Priced) -> Promotion {
    let narrow = |items: &mut Items| {
        let lines = priced.lines.iter().filter_map(|line| Some((line.sold.as_ref().ok()?, &line.categories)));
        let matching = lines.filter(|(sold, categories)| Good::of(sold, categories).is_in(items));
        let skus: Vec<Sku> = matching.map(|(sold, _)| sold.sku.clone()).collect();
        *items = Items { skus, ..Items::default() };
    };
    promotion.terms.customer_groups.clear();
    let applied = priced.promotions.iter().find(|applied| applied.id == promotion.id);
    promotion.code = applied.and_then(|applied| applied.code.clone());
    narrow(&mut promotion.rules.items);
    if let Benefit::BuyXGetY(rule) = &mut promotion.benefit {
        narrow(&mut rule.buy.items);
        narrow(&mut rule.get.items);
    }
    promotion
}
