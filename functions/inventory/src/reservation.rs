//! A reservation: the stock that is held for an order. Either all lines are held or none.
//!
//! Each operation's decision is one function here, from the reservation as it is stored (if it is), the message and the
//! levels to a [`Change`].

use std::collections::BTreeMap;

use contracts::{
    OrderId, OrderLine, Sku,
    events::{
        inventory::{Account, Quantity, Shortage, StockCommitted, StockRejected, StockReleased, StockReserved},
        orders::{CancelReason, OrderCancelled, OrderPlaced},
    },
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::level::{self, Level, StockEvent};

/// The time for which stock is held. It is longer than all deadlines of an order until dispatch (7 days), so only a
/// reservation that its order never releases or commits expires.
pub const HELD_FOR: SignedDuration = SignedDuration::from_hours(10 * 24);

/// The maximum number of `StockLow` events of one order. Together with the reservation, 40 levels and an event of
/// each, these are 99 of the 100 actions of a transaction. For other SKUs, the next movement publishes the event.
const MOST_LOW: usize = 17;

/// The status of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// All lines are held.
    Held,
    /// Stock was not available.
    Rejected,
    /// Cancelled or expired. This is also the tombstone of an order that was cancelled before the reservation.
    Released,
    /// The units were dispatched.
    Committed,
}

/// The reservation of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The order.
    pub order: OrderId,
    /// The status.
    pub status: Status,
    /// The held units. Empty if the reservation was rejected.
    pub lines: Vec<Quantity>,
    /// The time at which it expires.
    pub held_until: Timestamp,
    /// The version. Each change raises it by one.
    pub version: Version,
}

/// The reason why a reservation cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing would change, or the reservation has already ended in another way.
    AlreadyDone,
    /// The units were dispatched, but no stock is held for the order.
    NotHeld {
        /// The status of the reservation, if there is one.
        status: Option<Status>,
    },
    /// A level does not allow the change. The data is inconsistent.
    Level(level::Rejection),
}

impl From<level::Rejection> for Rejection {
    fn from(rejection: level::Rejection) -> Self {
        Self::Level(rejection)
    }
}

/// The levels after a change, with the events of each. A sale of held units has no event, because the available units
/// do not change and the reservation records the sale.
pub type Levels = Vec<(Level, Vec<StockEvent>)>;

/// The decision of an operation, which is saved in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The reservation after it.
    pub reservation: Reservation,
    /// The levels that change.
    pub levels: Levels,
    /// The event. `None` for the tombstone of an order that was cancelled first.
    pub event: Option<ReservationEvent>,
}

contracts::event_set! {
    /// An event of a reservation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ReservationEvent {
        /// All lines are held.
        Reserved(StockReserved),
        /// Stock was not available, and nothing is held.
        Rejected(StockRejected),
        /// The held or dispatched units are available again.
        Released(StockReleased),
        /// The held units were dispatched.
        Committed(StockCommitted),
    }
}

impl Reservation {
    /// Reserves all lines of a placed order, or none. An order that already has a reservation, or a tombstone, does
    /// not get another one.
    pub fn reserve(
        stored: Option<&Self>,
        placed: &OrderPlaced,
        levels: &[Level],
        now: Timestamp,
    ) -> Result<Change, Rejection> {
        if stored.is_some() {
            return Err(Rejection::AlreadyDone);
        }
        let (order, lines) = (placed.order, per_sku(&placed.lines));
        let reservation =
            |status, lines| Self { order, status, lines, held_until: now + HELD_FOR, version: Version::default() };
        let shortages: Vec<_> = lines.iter().filter_map(|line| shortage(line, levels)).collect();
        if !shortages.is_empty() {
            let event = ReservationEvent::Rejected(StockRejected { order, shortages });
            let reservation = reservation(Status::Rejected, Vec::new());
            return Ok(Change { reservation, levels: Vec::new(), event: Some(event) });
        }
        let reservation = reservation(Status::Held, lines);
        let levels = reservation.moved(levels, Account::Available, Account::Held)?;
        let event = StockReserved { order, lines: reservation.lines.clone(), expires_at: reservation.held_until };
        Ok(Change { reservation, levels, event: Some(ReservationEvent::Reserved(event)) })
    }

    /// Releases the units of a cancelled order. Dispatched units are released too, because the parcel is recalled; so
    /// the result does not depend on whether the cancellation or the dispatch arrives first. A parcel that timed out
    /// is lost. A parcel that could not be delivered is returning, and its units are added by hand when it arrives.
    /// If the cancellation arrives before the order, a tombstone is stored, which refuses a later
    /// [`Reservation::reserve`].
    pub fn release(
        stored: Option<Self>,
        cancelled: &OrderCancelled,
        levels: &[Level],
        now: Timestamp,
    ) -> Result<Change, Rejection> {
        let OrderCancelled { order, reason, .. } = *cancelled;
        let Some(reservation) = stored else {
            let reservation = Self {
                order,
                status: Status::Released,
                lines: Vec::new(),
                held_until: now,
                version: Version::default(),
            };
            return Ok(Change { reservation, levels: Vec::new(), event: None });
        };
        match reservation.status {
            _ if reason == CancelReason::DeliveryFailed => Err(Rejection::AlreadyDone),
            Status::Held => reservation.freed(levels, Account::Held, "cancelled"),
            Status::Committed if reason != CancelReason::TimedOut => {
                reservation.freed(levels, Account::Sold, "cancelled")
            }
            Status::Committed | Status::Rejected | Status::Released => Err(Rejection::AlreadyDone),
        }
    }

    /// Releases the units of a reservation that has expired.
    pub fn expire(self, levels: &[Level]) -> Result<Change, Rejection> {
        match self.status {
            Status::Held => self.freed(levels, Account::Held, "expired"),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    fn freed(self, levels: &[Level], from: Account, reason: &str) -> Result<Change, Rejection> {
        let levels = self.moved(levels, from, Account::Available)?;
        let event = StockReleased { order: self.order, lines: self.lines.clone(), reason: reason.to_owned() };
        let reservation = self.with(Status::Released);
        Ok(Change { reservation, levels, event: Some(ReservationEvent::Released(event)) })
    }

    /// Books the units of an order as sold. A reservation that was released in the meantime stays released, because
    /// the parcel is recalled.
    pub fn commit(stored: Option<Self>, levels: &[Level]) -> Result<Change, Rejection> {
        let reservation = stored.ok_or(Rejection::NotHeld { status: None })?;
        match reservation.status {
            Status::Held => {
                let levels = reservation.sold(levels)?;
                let event = StockCommitted { order: reservation.order, lines: reservation.lines.clone() };
                let reservation = reservation.with(Status::Committed);
                Ok(Change { reservation, levels, event: Some(ReservationEvent::Committed(event)) })
            }
            Status::Committed | Status::Released => Err(Rejection::AlreadyDone),
            Status::Rejected => Err(Rejection::NotHeld { status: Some(reservation.status) }),
        }
    }

    /// Whether the levels include the held units. Levels that were read after the reservation may show a later
    /// change.
    pub(crate) fn is_shown_by(&self, levels: &[Level]) -> bool {
        let held = |line: &Quantity| levels.iter().any(|level| level.sku == line.sku && level.held >= line.quantity);
        self.status != Status::Held || self.lines.iter().all(held)
    }

    /// Books every line as sold, without events.
    fn sold(&self, levels: &[Level]) -> Result<Levels, Rejection> {
        let sold = self.lines.iter().map(|line| Ok((level_of(line, levels).sold(line.quantity)?, Vec::new())));
        sold.collect()
    }

    /// Moves every line between two accounts of its level.
    fn moved(&self, levels: &[Level], from: Account, to: Account) -> Result<Levels, Rejection> {
        let reason = self.order.to_string();
        let mut room = MOST_LOW;
        let moved = self.lines.iter().map(|line| {
            let level = level_of(line, levels);
            if room == 0 {
                let (level, changed) = level.moved(from, to, line.quantity, &reason)?;
                return Ok((level, vec![StockEvent::Changed(changed)]));
            }
            let (level, events) = level.transfer(from, to, line.quantity, &reason)?;
            room -= events.len() - 1;
            Ok((level, events))
        });
        moved.collect()
    }

    fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

fn level_of(line: &Quantity, levels: &[Level]) -> Level {
    let level = levels.iter().find(|level| level.sku == line.sku).cloned();
    level.unwrap_or_else(|| Level::new(line.sku.clone()))
}

/// Sums the lines per SKU. An order can contain a SKU more than once.
fn per_sku(lines: &[OrderLine]) -> Vec<Quantity> {
    let mut sums = BTreeMap::<&Sku, u32>::new();
    for line in lines {
        let sum = sums.entry(&line.sku).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    sums.into_iter().map(|(sku, quantity)| Quantity { sku: sku.clone(), quantity }).collect()
}

/// The shortage of a line, if there is one.
fn shortage(Quantity { sku, quantity }: &Quantity, levels: &[Level]) -> Option<Shortage> {
    let available = levels.iter().find(|level| level.sku == *sku).map_or(0, |level| level.available);
    (available < *quantity).then(|| Shortage { sku: sku.clone(), requested: *quantity, available })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{cancelled, order, placed};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn level(sku: &str, available: u32) -> Level {
        Level::new(sku.parse().unwrap()).adjust(i64::from(available), "received", None).unwrap().0
    }

    fn reserve(levels: &[Level], wanted: &[(&str, u32)]) -> Change {
        Reservation::reserve(None, &placed(1, wanted), levels, NOW).unwrap()
    }

    /// The reservation and the levels after a change.
    fn after(Change { reservation, levels, .. }: Change) -> (Reservation, Vec<Level>) {
        (reservation, levels.into_iter().map(|(level, _)| level).collect())
    }

    fn held(levels: &[Level], wanted: &[(&str, u32)]) -> (Reservation, Vec<Level>) {
        let change = reserve(levels, wanted);
        assert!(matches!(change.event, Some(ReservationEvent::Reserved(_))), "{change:?}");
        after(change)
    }

    fn release(stored: &Reservation, levels: &[Level], reason: CancelReason) -> Result<Change, Rejection> {
        let cancelled = OrderCancelled { reason, ..cancelled(1) };
        Reservation::release(Some(stored.clone()), &cancelled, levels, NOW)
    }

    fn commit(stored: &Reservation, levels: &[Level]) -> Result<Change, Rejection> {
        Reservation::commit(Some(stored.clone()), levels)
    }

    #[test]
    fn all_lines_are_held_or_none() {
        let levels = [level("A", 2), level("B", 1)];
        let (_, after) = held(&levels, &[("A", 2), ("B", 1)]);
        assert!(after.iter().all(|level| level.available == 0 && level.closes()));
        let change = reserve(&levels, &[("A", 1), ("B", 2), ("C", 1)]);
        let Some(ReservationEvent::Rejected(event)) = change.event else { panic!("B and C are short") };
        assert_eq!((change.reservation.status, change.levels, event.shortages.len()), (Status::Rejected, vec![], 2));
    }

    #[test]
    fn lines_of_one_sku_are_summed_before_they_are_held() {
        let change = reserve(&[level("A", 3)], &[("A", 2), ("A", 2)]);
        assert!(matches!(change.event, Some(ReservationEvent::Rejected(_))), "{change:?}");
    }

    #[test]
    fn a_late_reserve_after_a_cancellation_is_refused() {
        let tombstone = Reservation::release(None, &cancelled(1), &[], NOW).unwrap();
        assert_eq!((tombstone.event, tombstone.reservation.order), (None, order(1)));
        let stored = Some(tombstone.reservation);
        let late = Reservation::reserve(stored.as_ref(), &placed(1, &[("A", 1)]), &[level("A", 3)], NOW);
        assert_eq!(late, Err(Rejection::AlreadyDone));
        assert_eq!(Reservation::release(stored, &cancelled(1), &[], NOW), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn released_stock_is_available_again_once() {
        let (reservation, levels) = held(&[level("A", 3)], &[("A", 2)]);
        let change = release(&reservation, &levels, CancelReason::Requested).unwrap();
        assert!(matches!(&change.event, Some(ReservationEvent::Released(event)) if event.reason == "cancelled"));
        let (released, levels) = after(change);
        assert_eq!(levels[0].available, 3);
        assert_eq!(release(&released, &[], CancelReason::Requested), Err(Rejection::AlreadyDone));
        assert_eq!(released.expire(&[]), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn committed_stock_is_neither_held_nor_available() {
        let (reservation, levels) = held(&[level("A", 3)], &[("A", 2)]);
        let (committed, levels) = after(commit(&reservation, &levels).unwrap());
        assert_eq!((levels[0].available, levels[0].on_hand()), (1, 1));
        assert_eq!(commit(&committed, &[]), Err(Rejection::AlreadyDone));
        assert_eq!(committed.expire(&[]), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn goods_that_leave_without_a_reservation_are_rejected() {
        assert_eq!(Reservation::commit(None, &[]), Err(Rejection::NotHeld { status: None }));
        let (rejected, _) = after(reserve(&[], &[("A", 1)]));
        assert_eq!(commit(&rejected, &[]), Err(Rejection::NotHeld { status: Some(Status::Rejected) }));
    }

    #[test]
    fn a_cancellation_comes_to_the_same_before_and_after_the_goods_left() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        let (released, before) = after(release(&reservation, &held, CancelReason::Requested).unwrap());
        assert_eq!(commit(&released, &before), Err(Rejection::AlreadyDone));
        let (committed, left) = after(commit(&reservation, &held).unwrap());
        let (_, after) = after(release(&committed, &left, CancelReason::Requested).unwrap());
        assert_eq!((before[0].available, after[0].available), (3, 3));
        assert!(after[0].closes());
    }

    #[test]
    fn levels_that_were_read_too_late_do_not_show_what_was_held() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        assert!(reservation.is_shown_by(&held));
        let (committed, left) = after(commit(&reservation, &held).unwrap());
        assert!(!reservation.is_shown_by(&left) && !reservation.is_shown_by(&[]));
        assert!(committed.is_shown_by(&left));
        assert!(matches!(reservation.expire(&left), Err(Rejection::Level(level::Rejection::NotEnough { .. }))));
    }

    #[test]
    fn a_lost_or_returning_parcel_is_not_on_sale() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        let (committed, left) = after(commit(&reservation, &held).unwrap());
        for reason in [CancelReason::TimedOut, CancelReason::DeliveryFailed] {
            assert_eq!(release(&committed, &left, reason), Err(Rejection::AlreadyDone));
        }
        // The dispatch event can arrive after the event that the parcel returns.
        assert_eq!(release(&reservation, &held, CancelReason::DeliveryFailed), Err(Rejection::AlreadyDone));
    }
}
