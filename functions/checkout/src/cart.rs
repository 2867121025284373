//! A cart: lines, shipping and promotions.

mod ordering;

use contracts::{
    Address, CartId, Currency, Money, Sealed, Sku, UserId,
    events::checkout::{CartAbandoned, CartMerged},
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    promotion::{self, PromotionCode},
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
    /// The codes of its promotions, in the order in which they were applied.
    #[serde(default, alias = "promotion", deserialize_with = "promotion::codes")]
    pub(crate) promotions: Vec<PromotionCode>,
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

    /// Applies a promotion.
    pub(crate) fn apply(self, code: PromotionCode, now: Timestamp) -> Result<Self, Rejection> {
        let mut cart = self.changed(now)?;
        if cart.promotions.contains(&code) {
            return Err(Rejection::AlreadyDone);
        }
        if cart.promotions.len() >= MOST_PROMOTIONS {
            return Err(Rejection::TooManyPromotions);
        }
        cart.promotions.push(code);
        Ok(cart)
    }

    /// Removes a promotion. A promotion that is absent counts as removed, in every status of the cart.
    pub(crate) fn unapply(self, code: &PromotionCode, now: Timestamp) -> Result<Self, Rejection> {
        if !self.promotions.contains(code) {
            return Err(Rejection::AlreadyDone);
        }
        let mut cart = self.changed(now)?;
        cart.promotions.retain(|own| own != code);
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

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    pub(crate) fn cart(number: u128) -> Cart {
        Cart::create(Uuid::from_u128(number).into(), Uuid::from_u128(1).into(), Currency::Eur, NOW)
    }

    pub(crate) fn line(sku: &str, quantity: u32) -> Line {
        Line { sku: sku.parse().unwrap(), title: sku.to_owned(), quantity, seen: None, returned_at: None }
    }

    pub(crate) fn filled(number: u128, lines: &[(&str, u32)]) -> Cart {
        lines.iter().fold(cart(number), |cart, (sku, quantity)| cart.put(line(sku, *quantity), NOW).unwrap())
    }

    pub(crate) fn contents(cart: &Cart) -> Vec<(&str, u32)> {
        cart.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect()
    }

    #[test]
    fn a_sku_stands_in_one_line() {
        let cart = filled(1, &[("A", 1), ("B", 2), ("A", 3)]);
        assert_eq!(contents(&cart), [("A", 3), ("B", 2)]);
        let cart = cart.remove(&"A".parse().unwrap(), NOW).unwrap();
        assert_eq!(contents(&cart), [("B", 2)]);
        assert_eq!(cart.remove(&"A".parse().unwrap(), NOW), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn a_cart_holds_forty_lines() {
        let cart = (0..40).fold(cart(1), |cart, at| cart.put(line(&format!("S{at}"), 1), NOW).unwrap());
        assert!(cart.clone().put(line("S7", 2), NOW).is_ok());
        assert_eq!(cart.clone().put(line("S40", 1), NOW), Err(Rejection::Full));
        assert_eq!(cart.merge(filled(2, &[("S40", 1)]), NOW), Err(Rejection::Full));
    }

    #[test]
    fn a_cart_takes_over_another_and_closes_it() {
        let guests = filled(2, &[("B", 2), ("C", 999), ("D", 1)]).apply("SPRING".parse().unwrap(), NOW).unwrap();
        let (cart, guests, event) = filled(1, &[("A", 1), ("B", 3), ("C", 999)]).merge(guests, NOW).unwrap();
        assert_eq!(contents(&cart), [("A", 1), ("B", 5), ("C", 999), ("D", 1)]);
        assert_eq!(cart.promotions, ["SPRING".parse().unwrap()]);
        assert_eq!((contents(&guests), guests.status), (vec![], Status::Merged));
        assert_eq!(guests.merged_into, Some(cart.id));
        assert_eq!(event, CartMerged { cart: guests.id, generation: 0, into: cart.id });
        assert_eq!(cart.clone().merge(guests, NOW), Err(Rejection::Closed(Status::Merged)));
        assert_eq!(cart.clone().merge(cart, NOW), Err(Rejection::SameCart));
    }

    #[test]
    fn a_cart_takes_over_what_did_not_fit_and_what_has_just_returned() {
        let left_out = || LeftOut { sku: "X".parse().unwrap(), title: String::new(), quantity: 1 };
        let mut from = Cart { left_out: vec![left_out()], ..filled(2, &[("A", 1)]) };
        from.lines[0].returned_at = Some(NOW);
        let (cart, from, _) = filled(1, &[("A", 1)]).merge(from, NOW).unwrap();
        assert_eq!((&cart.left_out, cart.lines[0].may_be_held(NOW)), (&vec![left_out()], true));
        assert_eq!(from.left_out, []);
    }

    #[test]
    fn a_price_seen_in_another_currency_is_forgotten() {
        let seen = |currency| Line { seen: Some(Money::new(1, currency)), ..line("A", 1) };
        let merged = |currency| cart(1).merge(cart(2).put(seen(currency), NOW).unwrap(), NOW).unwrap().0;
        assert_eq!(merged(Currency::Gbp).lines[0].seen, None);
        assert_eq!(merged(Currency::Eur).lines[0].seen, Some(Money::new(1, Currency::Eur)));
    }

    #[test]
    fn a_cart_has_at_most_five_promotions() {
        let code = |at: usize| format!("CODE{at}").parse::<PromotionCode>().unwrap();
        let cart = (0..5).fold(cart(1), |cart, at| cart.apply(code(at), NOW).unwrap());
        assert_eq!(cart.clone().apply(code(4), NOW), Err(Rejection::AlreadyDone));
        assert_eq!(cart.clone().apply(code(5), NOW), Err(Rejection::TooManyPromotions));
        assert_eq!(cart.clone().unapply(&code(5), NOW), Err(Rejection::AlreadyDone));
        assert_eq!(cart.unapply(&code(0), NOW).unwrap().promotions, [1, 2, 3, 4].map(code));
    }

    #[test]
    fn a_cart_that_was_stored_with_one_promotion_is_read() {
        let mut stored = serde_json::to_value(cart(1).apply("SPRING".parse().unwrap(), NOW).unwrap()).unwrap();
        stored.as_object_mut().unwrap().remove("promotions");
        for (before, count) in [(serde_json::json!("SPRING"), 1), (serde_json::json!(null), 0)] {
            stored["promotion"] = before;
            let cart: Cart = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(cart.promotions.len(), count);
        }
    }

    #[test]
    fn an_ordered_cart_does_not_change() {
        let spring: PromotionCode = "SPRING".parse().unwrap();
        let cart = filled(1, &[("A", 1)]).apply(spring.clone(), NOW).unwrap();
        let cart = Cart { status: Status::Ordered, ..cart };
        assert_eq!(cart.clone().put(line("B", 1), NOW), Err(Rejection::Closed(Status::Ordered)));
        assert_eq!(cart.clone().remove(&"A".parse().unwrap(), NOW), Err(Rejection::Closed(Status::Ordered)));
        assert_eq!(cart.unapply(&spring, NOW), Err(Rejection::Closed(Status::Ordered)));
    }

    #[test]
    fn what_is_absent_counts_as_removed_even_from_a_closed_cart() {
        let (sku, spring) = ("A".parse().unwrap(), "SPRING".parse().unwrap());
        let ordered = Cart { status: Status::Ordered, ..cart(1) };
        for cart in [cart(1), ordered, filled(2, &[("B", 1)]).merge(cart(1), NOW).unwrap().1] {
            assert_eq!(cart.clone().remove(&sku, NOW), Err(Rejection::AlreadyDone));
            assert_eq!(cart.unapply(&spring, NOW), Err(Rejection::AlreadyDone));
        }
    }

    #[test]
    fn a_cart_is_abandoned_once_until_it_is_changed_again() {
        let later = NOW + IDLE_FOR;
        assert_eq!(filled(1, &[("A", 1)]).abandon(later - SignedDuration::from_secs(1)), Err(Rejection::AlreadyDone));
        assert_eq!(cart(1).abandon(later), Err(Rejection::AlreadyDone));
        let (cart, event) = filled(1, &[("A", 1), ("B", 2)]).abandon(later).unwrap();
        assert_eq!(event.units, 3);
        assert_eq!(cart.clone().abandon(later), Err(Rejection::AlreadyDone));
        assert!(cart.put(line("A", 2), later).unwrap().abandon(later + IDLE_FOR).is_ok());
    }
}
