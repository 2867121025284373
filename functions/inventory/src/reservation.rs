//! A reservation: what is held for one order, every line or none.
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
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::level::{self, Level, Moved};

/// How long stock is held: longer than all deadlines of an order that waits to be dispatched (7 days),
/// so that only a reservation that its order has forgotten lapses.
pub const HELD_FOR: SignedDuration = SignedDuration::from_hours(10 * 24);

/// Most SKUs that are said to be low with one order. With the reservation, 40 levels and an event of each these are 99 of the
/// 100 actions of a transaction. The others are said to be low when they move next.
const MOST_LOW: usize = 17;

/// What became of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Every line is held.
    Held,
    /// Something was short.
    Rejected,
    /// Cancelled or lapsed; also the tombstone of an order that was cancelled before it was reserved.
    Released,
    /// The goods have left.
    Committed,
}

/// What is held for one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// For which order.
    pub order: OrderId,
    /// What became of it.
    pub status: Status,
    /// What was held; nothing for what was rejected.
    pub lines: Vec<Quantity>,
    /// When it lapses.
    pub held_until: Timestamp,
    /// One more with each change.
    pub version: u64,
}

/// Why a reservation cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It is already as wanted, or its end was decided otherwise before.
    AlreadyDone,
    /// The goods leave, but nothing is held for them.
    NotHeld {
        /// What became of the reservation, if there is one.
        status: Option<Status>,
    },
    /// A level does not allow it: the books are wrong.
    Level(level::Rejection),
}

impl From<level::Rejection> for Rejection {
    fn from(rejection: level::Rejection) -> Self {
        Self::Level(rejection)
    }
}

/// Levels after a change, with what each states. A sale of what was held states nothing: as many as before are available, and
/// the reservation records it.
pub type Levels = Vec<(Level, Option<Moved>)>;

/// What an operation decides: all of it is saved in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The reservation in its new version.
    pub reservation: Reservation,
    /// The levels that it moves.
    pub levels: Levels,
    /// What happened; `None` for the tombstone of an order that was cancelled first.
    pub event: Option<ReservationEvent>,
}

/// What happened to a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReservationEvent {
    /// Every line is held.
    Reserved(StockReserved),
    /// Something was short, and nothing is held.
    Rejected(StockRejected),
    /// What was held, or had left, is available again.
    Released(StockReleased),
    /// What was held has left.
    Committed(StockCommitted),
}

impl Reservation {
    /// Holds every line of a placed order, or none. An order that has a reservation already, if only the tombstone of its
    /// cancellation, gets no other.
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
        let reservation = |status, lines| Self { order, status, lines, held_until: now + HELD_FOR, version: 1 };
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

    /// Frees what is held for a cancelled order. What has left is called back, so it is free as well, and a cancellation
    /// comes to the same before and after the news that the goods left. A parcel that timed out is lost; one that was
    /// not accepted is on its way back, and is counted in when it is there. A cancellation that comes before the order leaves a
    /// tombstone, which refuses a later [`Reservation::reserve`].
    pub fn release(
        stored: Option<Self>,
        cancelled: &OrderCancelled,
        levels: &[Level],
        now: Timestamp,
    ) -> Result<Change, Rejection> {
        let OrderCancelled { order, reason, .. } = *cancelled;
        let Some(reservation) = stored else {
            let reservation = Self { order, status: Status::Released, lines: Vec::new(), held_until: now, version: 1 };
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

    /// Frees what is held for an order that has forgotten it.
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

    /// Books the goods of an order as left. What was released meanwhile stays so: the parcel was called back.
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

    /// Whether levels show what it holds; those that were read after it may show a later change of it instead.
    pub(crate) fn is_shown_by(&self, levels: &[Level]) -> bool {
        let held = |line: &Quantity| levels.iter().any(|level| level.sku == line.sku && level.held >= line.quantity);
        self.status != Status::Held || self.lines.iter().all(held)
    }

    /// Books every line as sold, silently.
    fn sold(&self, levels: &[Level]) -> Result<Levels, Rejection> {
        let sold = self.lines.iter().map(|line| Ok((level_of(line, levels).sold(line.quantity)?, None)));
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
                return Ok((level, Some((changed, None))));
            }
            let (level, moved) = level.transfer(from, to, line.quantity, &reason)?;
            room -= usize::from(moved.1.is_some());
            Ok((level, Some(moved)))
        });
        moved.collect()
    }

    fn with(mut self, status: Status) -> Self {
        self.status = status;
        self.version += 1;
        self
    }
}

fn level_of(line: &Quantity, levels: &[Level]) -> Level {
    let level = levels.iter().find(|level| level.sku == line.sku).cloned();
    level.unwrap_or_else(|| Level::new(line.sku.clone()))
}

/// Sums lines per SKU: an order may name one SKU more than once.
fn per_sku(lines: &[OrderLine]) -> Vec<Quantity> {
    let mut sums = BTreeMap::<&Sku, u32>::new();
    for line in lines {
        let sum = sums.entry(&line.sku).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    sums.into_iter().map(|(sku, quantity)| Quantity { sku: sku.clone(), quantity }).collect()
}

/// What is short of a line, if anything is.
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
        Level::new(sku.parse().unwrap()).adjust(i64::from(available), "received").unwrap().0
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
        // The news that it left may come after the news that it comes back.
        assert_eq!(release(&reservation, &held, CancelReason::DeliveryFailed), Err(Rejection::AlreadyDone));
    }
}
