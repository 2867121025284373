//! What an order takes out of a cart, and what its cancellation brings back.
//!
//! `OrderPlaced` and `OrderCancelled` can arrive in any order and more than once. The generation of the cart decides:
//! the first of the two events raises it past the generation that was ordered. If the cancellation is first, nothing
//! has left the cart, and nothing leaves it later.

use contracts::{
    PromotionId, Sku,
    events::orders::{OrderCancelled, OrderPlaced},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Cart, Line, MOST_LINES, MOST_UNITS, Rejection, Status};
use crate::promotion::{AppliedCode, applied_codes};

/// The time for which an order can be cancelled before dispatch. The deadlines of orders for stock, payment and dispatch
/// add up to less.
const CANCELLABLE_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The maximum number of orders of a cart that can still be cancelled. They are stored with the cart.
/// An item has at most 400 KB (`DynamoDB`'s limit), and an order up to 40 KB: 40 lines with titles of 800 bytes.
pub(crate) const MOST_ORDERS: usize = 7;
/// The time for which the lines of an order are kept: an event can be two weeks late, if it was a dead letter.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(21 * 24);

/// The lines that left the cart with an order. They return if the order is cancelled before dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ordered {
    /// The generation of the cart that was ordered.
    generation: u64,
    lines: Vec<Line>,
    /// The promotion codes of the cart.
    #[serde(default, alias = "promotion", deserialize_with = "applied_codes")]
    promotions: Vec<AppliedCode>,
    /// The promotions that the order redeemed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    redemptions: Vec<PromotionId>,
    placed_at: Timestamp,
}

/// Units of a cancelled order that could not return to the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftOut {
    pub(crate) sku: Sku,
    pub(crate) title: String,
    pub(crate) quantity: u32,
}

impl Cart {
    /// Handles that an order was placed from this cart. What was ordered leaves the cart by quantity. `target` is the cart
    /// that this one was merged into: the lines are there now.
    pub(crate) fn order_placed(
        mut self,
        mut target: Option<Self>,
        placed: &OrderPlaced,
        now: Timestamp,
    ) -> Result<(Self, Option<Self>), Rejection> {
        if self.generation > placed.generation {
            return Err(Rejection::AlreadyDone);
        }
        let ordered = placed.lines.iter().map(|line| (&line.sku, line.quantity));
        let at = target.as_mut().unwrap_or(&mut self);
        let (lines, promotions) = (at.take(ordered, now), at.promotions.clone());
        self.orders.retain(|order| now < order.placed_at + KEPT_FOR);
        let (generation, redemptions) = (placed.generation, placed.redemptions.clone());
        self.orders.push(Ordered { generation, lines, promotions, redemptions, placed_at: now });
        self.generation = placed.generation + 1;
        Ok((self, target))
    }

    /// Handles that an order of this cart was cancelled. If it was not dispatched, its lines return to the cart, and
    /// the cart is open again. `target` is the cart that this one was merged into.
    pub(crate) fn order_cancelled(
        mut self,
        mut target: Option<Self>,
        cancelled: &OrderCancelled,
        now: Timestamp,
    ) -> Result<(Self, Option<Self>), Rejection> {
        if cancelled.dispatched {
            return Err(Rejection::AlreadyDone);
        }
        if self.generation <= cancelled.generation {
            self.generation = cancelled.generation + 1;
            // Which of the lines were ordered is not known here.
            for line in &mut target.as_mut().unwrap_or(&mut self).lines {
                line.returned_at = Some(now);
            }
            return Ok((self, target));
        }
        let at = self.orders.iter().position(|order| order.generation == cancelled.generation);
        let order = self.orders.remove(at.ok_or(Rejection::AlreadyDone)?);
        let at = target.as_mut().unwrap_or(&mut self);
        at.put_back(order.lines, now);
        if at.promotions.is_empty() {
            at.promotions = order.promotions;
        }
        Ok((self, target))
    }

    /// The promotions that the order of a generation redeemed, as far as the order is known.
    pub(crate) fn redeemed(&self, generation: u64) -> &[PromotionId] {
        let order = self.orders.iter().find(|order| order.generation == generation);
        order.map(|order| &*order.redemptions).unwrap_or_default()
    }

    /// The number of orders of the cart that can still be cancelled before dispatch.
    pub(crate) fn open_orders(&self, now: Timestamp) -> usize {
        self.orders.iter().filter(|order| order.is_open(now)).count()
    }

    /// Removes quantities of SKUs, as far as the cart has them, and returns what was removed.
    fn take<'a>(&mut self, ordered: impl Iterator<Item = (&'a Sku, u32)>, now: Timestamp) -> Vec<Line> {
        let mut taken = Vec::new();
        for (sku, quantity) in ordered {
            let Some(own) = self.lines.iter_mut().find(|own| own.sku == *sku) else { continue };
            let quantity = quantity.min(own.quantity);
            own.quantity -= quantity;
            taken.push(Line { quantity, returned_at: None, ..own.clone() });
        }
        self.lines.retain(|line| line.quantity > 0);
        if self.status == Status::Open && self.lines.is_empty() {
            self.status = Status::Ordered;
        }
        self.touch(now);
        taken
    }

    /// Adds lines to the cart, and opens it. What does not fit is kept as left out.
    fn put_back(&mut self, lines: Vec<Line>, now: Timestamp) {
        for line in lines {
            let full = self.lines.len() == MOST_LINES;
            let own = self.lines.iter_mut().find(|own| own.sku == line.sku);
            let (own, room) = match own {
                Some(own) => {
                    let room = MOST_UNITS.saturating_sub(own.quantity);
                    (Some(own), room)
                }
                None => (None, if full { 0 } else { MOST_UNITS }),
            };
            let fits = line.quantity.min(room);
            match own {
                Some(own) => {
                    own.quantity += fits;
                    own.returned_at = Some(now);
                }
                None if fits > 0 => {
                    self.lines.push(Line { quantity: fits, returned_at: Some(now), ..line.clone() });
                }
                None => {}
            }
            self.leave_out(line.sku, line.title, line.quantity - fits);
        }
        if self.status == Status::Ordered {
            self.status = Status::Open;
        }
        self.touch(now);
    }

    /// Notes units that did not fit.
    pub(super) fn leave_out(&mut self, sku: Sku, title: String, quantity: u32) {
        match self.left_out.iter_mut().find(|left| left.sku == sku) {
            _ if quantity == 0 => {}
            Some(left) => left.quantity = left.quantity.saturating_add(quantity),
            None => self.left_out.push(LeftOut { sku, title, quantity }),
        }
        // The oldest are forgotten, so that the cart stays small.
        let surplus = self.left_out.len().saturating_sub(MOST_LINES);
        self.left_out.drain(..surplus);
    }
}

impl Ordered {
    /// Whether the order can still be cancelled before dispatch.
    fn is_open(&self, now: Timestamp) -> bool {
        now < self.placed_at + CANCELLABLE_FOR
    }
}

#[cfg(test)]
mod tests {
    use contracts::{Currency, Money, OrderLine, Sealed, TaxClass, Totals, events::orders::CancelReason};
    use uuid::Uuid;

    use super::*;
    use crate::cart::tests::{applied, cart, contents, filled, line};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn placed(generation: u64, lines: &[(&str, u32)]) -> OrderPlaced {
        let zero = Money::zero(Currency::Eur);
        let line = |(sku, quantity): &(&str, u32)| OrderLine {
            sku: sku.parse().unwrap(),
            product: Uuid::nil().into(),
            title: String::new(),
            quantity: *quantity,
            unit_price: zero,
            list_price: None,
            price_list: None,
            discount: zero,
            discounts: Vec::new(),
            tax_class: TaxClass::STANDARD,
            tax_included: false,
            tax: zero,
            total: zero,
        };
        OrderPlaced {
            order: Uuid::from_u128(1).into(),
            customer: Uuid::from_u128(1).into(),
            quote: Uuid::from_u128(1).into(),
            cart: cart(1).id,
            generation,
            lines: lines.iter().map(line).collect(),
            totals: Totals::zero(Currency::Eur),
            redemptions: vec![Uuid::from_u128(5).into()],
            shipping_option: String::new(),
            ship_to: Sealed::from_ciphertext(String::new()),
            payment_method: Sealed::from_ciphertext(String::new()),
            return_url: None,
            deadline: NOW,
        }
    }

    fn cancelled(generation: u64) -> OrderCancelled {
        let (order, customer) = (Uuid::from_u128(1).into(), Uuid::from_u128(1).into());
        let cancelled = OrderCancelled::of(order, customer, CancelReason::PaymentDeclined);
        OrderCancelled { cart: Some(cart(1).id), generation, ..cancelled }
    }

    fn order(cart: Cart, generation: u64, lines: &[(&str, u32)]) -> Cart {
        cart.order_placed(None, &placed(generation, lines), NOW).unwrap().0
    }

    fn cancel(cart: Cart, generation: u64) -> Cart {
        cart.order_cancelled(None, &cancelled(generation), NOW).unwrap().0
    }

    #[test]
    fn what_was_ordered_leaves_the_cart_by_quantity() {
        let cart = order(filled(1, &[("A", 5), ("B", 1), ("C", 2)]), 0, &[("A", 2), ("B", 1), ("C", 9), ("D", 1)]);
        assert_eq!((contents(&cart), cart.status, cart.generation), (vec![("A", 3)], Status::Open, 1));
        let cart = order(cart, 1, &[("A", 3)]);
        assert_eq!((contents(&cart), cart.status, cart.generation), (vec![], Status::Ordered, 2));
    }

    #[test]
    fn only_what_left_the_cart_returns_to_it() {
        let cart = order(filled(1, &[("A", 5), ("B", 1)]), 0, &[("A", 2), ("B", 4), ("C", 1)]);
        let cart = cancel(cart, 0);
        assert_eq!((contents(&cart), cart.status, cart.generation), (vec![("A", 5), ("B", 1)], Status::Open, 1));
        assert_eq!(cart.left_out, []);
    }

    #[test]
    fn an_ordered_cart_opens_again_and_keeps_its_generation() {
        let before = filled(1, &[("A", 5)]).apply(applied("SPRING", 1), NOW).unwrap();
        let after = cancel(order(before.clone(), 0, &[("A", 5)]), 0);
        assert_eq!((after.status, after.generation), (Status::Open, 1));
        assert_eq!((contents(&after), &after.promotions), (contents(&before), &before.promotions));
    }

    #[test]
    fn each_event_counts_once() {
        let ordered = order(filled(1, &[("A", 5)]), 0, &[("A", 2)]);
        assert_eq!(ordered.clone().order_placed(None, &placed(0, &[("A", 2)]), NOW), Err(Rejection::AlreadyDone));
        let returned = cancel(ordered, 0);
        assert_eq!(returned.clone().order_cancelled(None, &cancelled(0), NOW), Err(Rejection::AlreadyDone));
        assert_eq!(returned.order_placed(None, &placed(0, &[("A", 2)]), NOW), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn a_cancellation_that_arrives_first_keeps_the_lines_in_the_cart() {
        let cart = cancel(filled(1, &[("A", 5)]), 0);
        assert_eq!((contents(&cart), cart.status, cart.generation), (vec![("A", 5)], Status::Open, 1));
        assert!(cart.lines[0].may_be_held(NOW));
        assert_eq!(cart.clone().order_placed(None, &placed(0, &[("A", 5)]), NOW), Err(Rejection::AlreadyDone));
        assert_eq!(cart.order_cancelled(None, &cancelled(0), NOW), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn the_lines_of_a_dispatched_order_do_not_return() {
        let cart = order(filled(1, &[("A", 5)]), 0, &[("A", 5)]);
        let lost = OrderCancelled { dispatched: true, ..cancelled(0) };
        assert_eq!(cart.order_cancelled(None, &lost, NOW), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn each_of_several_orders_returns_its_own_lines() {
        let cart = order(order(filled(1, &[("A", 5), ("B", 1)]), 0, &[("A", 2)]), 1, &[("A", 1), ("B", 1)]);
        assert_eq!((contents(&cart), cart.open_orders(NOW)), (vec![("A", 2)], 2));
        let cart = cancel(cart, 1);
        assert_eq!((contents(&cart), cart.open_orders(NOW)), (vec![("A", 3), ("B", 1)], 1));
        assert_eq!(contents(&cancel(cart, 0)), [("A", 5), ("B", 1)]);
    }

    #[test]
    fn what_does_not_fit_back_is_named() {
        let units = order(filled(1, &[("A", 999)]), 0, &[("A", 10)]).put(line("A", 995), NOW).unwrap();
        let units = cancel(units, 0);
        assert_eq!(contents(&units), [("A", 999)]);
        let left_out = |cart: &Cart| cart.left_out.iter().map(|l| (l.sku.to_string(), l.quantity)).collect::<Vec<_>>();
        assert_eq!(left_out(&units), [("A".to_owned(), 6)]);
        let more = order(units, 1, &[("A", 10)]);
        let more = Cart { lines: vec![line("A", 998)], ..more };
        assert_eq!(left_out(&cancel(more, 1)), [("A".to_owned(), 6 + 9)]);

        let others: Vec<_> = (0..40).map(|at| format!("S{at}")).collect();
        let full = order(filled(1, &[("A", 3), ("B", 1)]), 0, &[("A", 3)]);
        let full = others[1..].iter().fold(full, |cart, sku| cart.put(line(sku, 1), NOW).unwrap());
        let full = cancel(full, 0);
        assert_eq!((full.lines.len(), left_out(&full)), (40, vec![("A".to_owned(), 3)]));
    }

    #[test]
    fn what_was_left_out_is_forgotten_when_the_customer_changes_the_sku() {
        let left_out = || LeftOut { sku: "A".parse().unwrap(), title: String::new(), quantity: 1 };
        let cart = Cart { left_out: vec![left_out()], ..filled(1, &[("B", 1)]) };
        assert_eq!(cart.clone().put(line("B", 2), NOW).unwrap().left_out, [left_out()]);
        assert_eq!(cart.clone().put(line("A", 2), NOW).unwrap().left_out, []);
        assert_eq!(cart.clone().remove(&"A".parse().unwrap(), NOW).unwrap().left_out, []);
        assert_eq!(cart.remove(&"B".parse().unwrap(), NOW).unwrap().left_out, [left_out()]);
    }

    #[test]
    fn the_lines_of_a_merged_cart_leave_its_target_and_return_to_it() {
        let (target, cart, _) = filled(2, &[("A", 1)]).merge(filled(1, &[("A", 2), ("B", 1)]), NOW).unwrap();
        let ordered = placed(0, &[("A", 2), ("B", 1)]);
        let (cart, target) = cart.order_placed(Some(target), &ordered, NOW).unwrap();
        let target = target.unwrap();
        assert_eq!((contents(&target), target.status, target.generation), (vec![("A", 1)], Status::Open, 0));
        assert_eq!((contents(&cart), cart.status, cart.generation), (vec![], Status::Merged, 1));
        let (cart, target) = cart.order_cancelled(Some(target), &cancelled(0), NOW).unwrap();
        let target = target.unwrap();
        assert_eq!((contents(&target), target.status), (vec![("A", 3), ("B", 1)], Status::Open));
        assert_eq!((contents(&cart), cart.status), (vec![], Status::Merged));
    }

    #[test]
    fn a_returned_line_may_be_held_for_ten_seconds() {
        let cart = cancel(order(filled(1, &[("A", 5), ("B", 1)]), 0, &[("A", 2)]), 0);
        let held = |cart: &Cart, seconds| {
            let later = NOW + SignedDuration::from_secs(seconds);
            cart.lines.iter().map(|line| line.may_be_held(later)).collect::<Vec<_>>()
        };
        assert_eq!((held(&cart, 9), held(&cart, 10)), (vec![true, false], vec![false, false]));
        let cart = cart.put(line("A", 7), NOW).unwrap();
        assert_eq!(held(&cart, 9), [true, false], "another quantity does not release the stock");
    }

    #[test]
    fn orders_that_can_no_longer_be_cancelled_are_forgotten() {
        let cart = order(filled(1, &[("A", 5)]), 0, &[("A", 1)]);
        let later = NOW + CANCELLABLE_FOR;
        assert_eq!((cart.open_orders(later - SignedDuration::from_secs(1)), cart.open_orders(later)), (1, 0));
        let cart = cart.order_placed(None, &placed(1, &[("A", 1)]), later).unwrap().0;
        assert_eq!(cart.open_orders(later), 1);
        let late = NOW + KEPT_FOR;
        let cart = cart.order_placed(None, &placed(2, &[("A", 1)]), late).unwrap().0;
        assert_eq!(cart.orders.len(), 2);
    }

    #[test]
    fn an_order_names_the_promotions_that_it_redeemed() {
        let cart = order(filled(1, &[("A", 2)]), 0, &[("A", 1)]);
        assert_eq!((cart.redeemed(0), cart.redeemed(1)), (&[Uuid::from_u128(5).into()][..], &[][..]));
        assert_eq!(cancel(cart, 0).redeemed(0), []);
    }

    #[test]
    fn the_promotion_of_the_order_returns_unless_the_cart_has_another() {
        let (spring, autumn) = (applied("SPRING", 1), applied("AUTUMN", 2));
        let cart = filled(1, &[("A", 2)]).apply(spring.clone(), NOW).unwrap();
        let cart = order(cart, 0, &[("A", 1)]).unapply(&spring.code, NOW).unwrap();
        assert_eq!(cancel(cart.clone(), 0).promotions, [spring]);
        let cart = cart.apply(autumn.clone(), NOW).unwrap();
        assert_eq!(cancel(cart, 0).promotions, [autumn]);
    }

    #[test]
    fn a_cart_names_at_most_forty_skus_that_did_not_fit() {
        let mut cart = cart(1);
        for at in 0..41 {
            cart.leave_out(format!("S{at}").parse().unwrap(), String::new(), 1);
        }
        assert_eq!((cart.left_out.len(), cart.left_out[0].sku.as_str()), (40, "S1"));
    }
}
