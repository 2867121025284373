//! A cart: lines, shipping and promotions.

mod ordering;
#[cfg(test)]
pub(crate) mod tests;

use contracts::{
    Address, CartId, Currency, Money, Sealed, Sku, UserId,
    events::checkout::{CartAbandoned, CartMerged},
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    promotion::{AppliedCode, PromotionCode, applied_codes},
    rates::Country,
};
pub(crate) use ordering::{LeftOut, MOST_ORDERS, Ordered};

/// The maximum number of lines of a cart, which is the maximum of an order.
pub(crate) const MOST_LINES: usize = 40;
/// The maximum number of units of a line.
pub(crate) const MOST_UNITS: u32 = 999;
/// The maximum number of promotion codes of a cart.
pub(crate) const MOST_PROMOTIONS: usize = 5;
/// The time for which a line that returned to the cart can be quoted although it seems out of stock. Until then, the
/// stock that the cancelled order held may not be counted as available.
const HOLD_RELEASED_WITHIN: SignedDuration = SignedDuration::from_secs(10);
/// The time without a change after which a cart is abandoned.
pub(crate) const IDLE_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The status of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CartStatus")]
pub(crate) enum Status {
    /// The cart can be changed.
    Open,
    /// Everything in the cart was ordered. It is open again if the order is cancelled before dispatch.
    Ordered,
    /// The cart was merged into another cart.
    Merged,
}

/// A quantity of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) sku: Sku,
    /// The product's title when the SKU was added.
    pub(crate) title: String,
    pub(crate) quantity: u32,
    /// The unit price that the customer saw when the SKU was added, to report a change. `None` after a merge from a
    /// cart in another currency.
    pub(crate) seen: Option<Money>,
    /// When the line returned to the cart because its order was cancelled.
    #[serde(default)]
    pub(crate) returned_at: Option<Timestamp>,
}

impl Line {
    /// Whether the stock that a cancelled order held for this line may not be counted as available yet.
    pub(crate) fn may_be_held(&self, now: Timestamp) -> bool {
        self.returned_at.is_some_and(|at| now < at + HOLD_RELEASED_WITHIN)
    }
}

/// The address and the shipping option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shipping {
    /// The id of the shipping option.
    pub(crate) option: String,
    /// The country of the address, which determines the rates.
    pub(crate) country: Country,
    /// The code of the region of the address, if the country has a list of regions. Tax can depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    pub(crate) address: Sealed<Address>,
}

/// A cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cart {
    pub(crate) id: CartId,
    pub(crate) owner: UserId,
    pub(crate) currency: Currency,
    pub(crate) status: Status,
    /// Raised each time that an order was placed from the cart. All quotes of one generation can be used for one order
    /// only.
    #[serde(default)]
    pub(crate) generation: u64,
    /// The orders that can still be cancelled before dispatch, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) orders: Vec<Ordered>,
    /// The units of cancelled orders that could not return, one entry per SKU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<LeftOut>,
    /// The cart that this cart was merged into.
    #[serde(default)]
    pub(crate) merged_into: Option<CartId>,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping: Option<Shipping>,
    /// Its promotion codes, in the order in which they were applied.
    #[serde(default, alias = "promotion", deserialize_with = "applied_codes")]
    pub(crate) promotions: Vec<AppliedCode>,
    pub(crate) changed_at: Timestamp,
    /// Whether an event has reported the cart as abandoned since its last change.
    pub(crate) abandoned: bool,
    pub(crate) version: Version,
}

/// The reason why a cart cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The cart does not exist, or it belongs to another caller.
    NotFound,
    /// The cart is ordered or merged.
    Closed(Status),
    /// The cart has the maximum number of lines.
    Full,
    /// The cart has the maximum number of promotions.
    TooManyPromotions,
    /// A cart cannot be merged into itself.
    SameCart,
    /// Nothing would change.
    AlreadyDone,
}

impl Cart {
    /// The country that it is shipped to, if it is chosen.
    pub(crate) fn country(&self) -> Option<&Country> {
        self.shipping.as_ref().map(|to| &to.country)
    }

    /// An empty cart.
    pub(crate) fn create(id: CartId, owner: UserId, currency: Currency, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            currency,
            status: Status::Open,
            generation: 0,
            orders: Vec::new(),
            left_out: Vec::new(),
            merged_into: None,
            lines: Vec::new(),
            shipping: None,
            promotions: Vec::new(),
            changed_at: now,
            abandoned: false,
            version: Version::default(),
        }
    }

    /// Returns the cart if it belongs to the caller.
    pub(crate) fn of(owner: UserId, found: Option<Self>) -> Result<Self, Rejection> {
        found.filter(|cart| cart.owner == owner).ok_or(Rejection::NotFound)
    }

    /// Adds a line, or sets the quantity of an existing one.
    pub(crate) fn put(self, line: Line, now: Timestamp) -> Result<Self, Rejection> {
        let mut cart = self.changed(now)?;
        let full = cart.lines.len() == MOST_LINES;
        cart.left_out.retain(|left| left.sku != line.sku);
        match cart.lines.iter_mut().find(|own| own.sku == line.sku) {
            Some(own) => *own = Line { returned_at: own.returned_at, ..line },
            None if full => return Err(Rejection::Full),
            None => cart.lines.push(line),
        }
        Ok(cart)
    }

    /// Removes a line. A line that is absent counts as removed, in every status of the cart.
    pub(crate) fn remove(self, sku: &Sku, now: Timestamp) -> Result<Self, Rejection> {
        if !self.lines.iter().any(|line| line.sku == *sku) && !self.left_out.iter().any(|left| left.sku == *sku) {
            return Err(Rejection::AlreadyDone);
        }
        let mut cart = self.changed(now)?;
        cart.lines.retain(|line| line.sku != *sku);
        cart.left_out.retain(|left| left.sku != *sku);
        Ok(cart)
    }

    /// Sets the address and the shipping option.
    pub(crate) fn ship(self, shipping: Shipping, now: Timestamp) -> Result<Self, Rejection> {
        Ok(Self { shipping: Some(shipping), ..self.changed(now)? })
    }

    /// Applies the code of a promotion. It replaces another code of the same promotion.
    pub(crate) fn apply(self, applied: AppliedCode, now: Timestamp) -> Result<Self, Rejection> {
        let mut cart = self.changed(now)?;
        let full = cart.promotions.len() >= MOST_PROMOTIONS;
        match cart.promotions.iter_mut().find(|own| own.promotion == applied.promotion) {
            Some(own) if own.code == applied.code => return Err(Rejection::AlreadyDone),
            Some(own) => own.code = applied.code,
            None if full => return Err(Rejection::TooManyPromotions),
            None => cart.promotions.push(applied),
        }
        Ok(cart)
    }

    /// Removes a promotion. A promotion that is absent counts as removed, in every status of the cart.
    pub(crate) fn unapply(self, code: &PromotionCode, now: Timestamp) -> Result<Self, Rejection> {
        if self.promotions.iter().all(|own| own.code != *code) {
            return Err(Rejection::AlreadyDone);
        }
        let mut cart = self.changed(now)?;
        cart.promotions.retain(|own| own.code != *code);
        Ok(cart)
    }

    /// Merges another cart into this one and closes the other. Quantities are added up, to at most 999. Shipping and
    /// promotions are copied if this cart has none.
    pub(crate) fn merge(self, from: Self, now: Timestamp) -> Result<(Self, Self, CartMerged), Rejection> {
        if self.id == from.id {
            return Err(Rejection::SameCart);
        }
        let (mut cart, mut from) = (self.changed(now)?, from.changed(now)?);
        for mut line in std::mem::take(&mut from.lines) {
            line.seen = line.seen.filter(|seen| seen.currency == cart.currency);
            let full = cart.lines.len() == MOST_LINES;
            match cart.lines.iter_mut().find(|own| own.sku == line.sku) {
                Some(own) => {
                    own.quantity = own.quantity.saturating_add(line.quantity).min(MOST_UNITS);
                    own.returned_at = own.returned_at.max(line.returned_at);
                }
                None if full => return Err(Rejection::Full),
                None => cart.lines.push(line),
            }
        }
        cart.shipping = cart.shipping.or(from.shipping.take());
        let promotions = std::mem::take(&mut from.promotions);
        if cart.promotions.is_empty() {
            cart.promotions = promotions;
        }
        for LeftOut { sku, title, quantity } in std::mem::take(&mut from.left_out) {
            cart.leave_out(sku, title, quantity);
        }
        (from.status, from.merged_into) = (Status::Merged, Some(cart.id));
        let event = CartMerged { cart: from.id, generation: from.generation, into: cart.id };
        Ok((cart, from, event))
    }

    /// Whether the cart can still be abandoned.
    pub(crate) fn is_waiting(&self) -> bool {
        self.status == Status::Open && !self.lines.is_empty() && !self.abandoned
    }

    /// Reports the cart as abandoned. This happens once, until it is changed again.
    pub(crate) fn abandon(mut self, now: Timestamp) -> Result<(Self, CartAbandoned), Rejection> {
        if !self.is_waiting() || now < self.changed_at + IDLE_FOR {
            return Err(Rejection::AlreadyDone);
        }
        self.abandoned = true;
        let units = self.lines.iter().map(|line| line.quantity).sum();
        let event = CartAbandoned { cart: self.id, customer: self.owner, units };
        Ok((self, event))
    }

    fn changed(mut self, now: Timestamp) -> Result<Self, Rejection> {
        if self.status != Status::Open {
            return Err(Rejection::Closed(self.status));
        }
        self.touch(now);
        Ok(self)
    }

    /// Notes the time of a change. The cart counts as abandoned a day later.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.changed_at = now;
        self.abandoned = false;
    }
}
