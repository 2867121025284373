//! A reservation: what is held for one order, every line or none.

use std::collections::BTreeMap;

use contracts::{
    OrderId, Sku,
    events::{
        inventory::{Account, Quantity, Shortage, StockCommitted, StockRejected, StockReleased, StockReserved},
        orders::CancelReason,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::level::{self, Level, Moved};

/// How long stock is held: longer than all deadlines of an order that waits to be dispatched (7 days),
/// so that only a reservation that its order has forgotten lapses.
pub const HELD_FOR: SignedDuration = SignedDuration::from_hours(10 * 24);

/// Most SKUs that are said to be low with one order: with a reservation, 40 levels, an event of each and the message's
/// record, so many are left of a transaction's 100 actions. The others are said to be low when they move next.
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

/// Levels after a change, with what each states.
pub type Levels = Vec<(Level, Moved)>;

/// What came of an attempt to reserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// All lines are held.
    All(Reservation, Levels, StockReserved),
    /// Something was short, and nothing is held.
    None(Reservation, StockRejected),
}

/// Sums lines per SKU: an order may name one SKU more than once.
pub fn per_sku(lines: impl IntoIterator<Item = (Sku, u32)>) -> Vec<Quantity> {
    let mut sums = BTreeMap::<Sku, u32>::new();
    for (sku, quantity) in lines {
        let sum = sums.entry(sku).or_default();
        *sum = sum.saturating_add(quantity);
    }
    sums.into_iter().map(|(sku, quantity)| Quantity { sku, quantity }).collect()
}

impl Reservation {
    /// Holds every line for an order, or none. An order that has a reservation already, were it only
    /// the tombstone of its cancellation, gets no other.
    pub fn reserve(
        existing: Option<&Self>,
        order: OrderId,
        lines: Vec<Quantity>,
        levels: &[Level],
        now: Timestamp,
    ) -> Result<Reserved, Rejection> {
        if existing.is_some() {
            return Err(Rejection::AlreadyDone);
        }
        let level = |sku: &Sku| levels.iter().find(|level| level.sku == *sku);
        let available = |sku: &Sku| level(sku).map_or(0, |level| level.available);
        let short = lines.iter().filter(|line| available(&line.sku) < line.quantity);
        let shortages: Vec<_> = short
            .map(|Quantity { sku, quantity }| Shortage {
                sku: sku.clone(),
                requested: *quantity,
                available: available(sku),
            })
            .collect();
        let reservation = |status, lines| Self { order, status, lines, held_until: now + HELD_FOR, version: 1 };
        if !shortages.is_empty() {
            return Ok(Reserved::None(reservation(Status::Rejected, Vec::new()), StockRejected { order, shortages }));
        }
        let reservation = reservation(Status::Held, lines);
        let levels = reservation.moved(levels, Account::Available, Account::Held)?;
        let event = StockReserved { order, lines: reservation.lines.clone(), expires_at: reservation.held_until };
        Ok(Reserved::All(reservation, levels, event))
    }

    /// Remembers that an order was cancelled before anything was held for it.
    pub fn tombstone(order: OrderId, now: Timestamp) -> Self {
        Self { order, status: Status::Released, lines: Vec::new(), held_until: now, version: 1 }
    }

    /// Its order was cancelled: frees what is held. What has left is called back, so it is free as well, and a
    /// cancellation comes to the same before and after the news that the goods left. A parcel that timed out is lost; one
    /// that nobody took is on its way back, and is counted in when it is there.
    pub fn release(self, levels: &[Level], reason: CancelReason) -> Result<(Self, Levels, StockReleased), Rejection> {
        match self.status {
            _ if reason == CancelReason::DeliveryFailed => Err(Rejection::AlreadyDone),
            Status::Held => self.freed(levels, Account::Held, "cancelled"),
            Status::Committed if reason != CancelReason::TimedOut => self.freed(levels, Account::Sold, "cancelled"),
            Status::Committed | Status::Rejected | Status::Released => Err(Rejection::AlreadyDone),
        }
    }

    /// Its order has forgotten it: frees what is held.
    pub fn expire(self, levels: &[Level]) -> Result<(Self, Levels, StockReleased), Rejection> {
        match self.status {
            Status::Held => self.freed(levels, Account::Held, "expired"),
            _ => Err(Rejection::AlreadyDone),
        }
    }

    fn freed(self, levels: &[Level], from: Account, reason: &str) -> Result<(Self, Levels, StockReleased), Rejection> {
        let levels = self.moved(levels, from, Account::Available)?;
        let event = StockReleased { order: self.order, lines: self.lines.clone(), reason: reason.to_owned() };
        Ok((self.with(Status::Released), levels, event))
    }

    /// The goods have left. What was released meanwhile stays so: the parcel was called back.
    pub fn commit(self, levels: &[Level]) -> Result<(Self, Levels, StockCommitted), Rejection> {
        match self.status {
            Status::Held => {
                let levels = self.moved(levels, Account::Held, Account::Sold)?;
                let event = StockCommitted { order: self.order, lines: self.lines.clone() };
                Ok((self.with(Status::Committed), levels, event))
            }
            Status::Committed | Status::Released => Err(Rejection::AlreadyDone),
            Status::Rejected => Err(Rejection::NotHeld { status: Some(self.status) }),
        }
    }

    /// Whether levels show what it holds; those that were read after it may show a later change of it instead.
    pub(crate) fn is_shown_by(&self, levels: &[Level]) -> bool {
        let held = |line: &Quantity| levels.iter().any(|level| level.sku == line.sku && level.held >= line.quantity);
        self.status != Status::Held || self.lines.iter().all(held)
    }

    /// Moves every line between two accounts of its level.
    fn moved(&self, levels: &[Level], from: Account, to: Account) -> Result<Levels, Rejection> {
        let reason = self.order.to_string();
        let mut room = MOST_LOW;
        let moved = self.lines.iter().map(|line| {
            let level = levels.iter().find(|level| level.sku == line.sku).cloned();
            let level = level.unwrap_or_else(|| Level::new(line.sku.clone()));
            if room == 0 {
                let (level, changed) = level.moved(from, to, line.quantity, &reason)?;
                return Ok((level, (changed, None)));
            }
            let (level, moved) = level.transfer(from, to, line.quantity, &reason)?;
            room -= usize::from(moved.1.is_some());
            Ok((level, moved))
        });
        moved.collect()
    }

    fn with(mut self, status: Status) -> Self {
        self.status = status;
        self.version += 1;
        self
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn order() -> OrderId {
        Uuid::from_u128(1).into()
    }

    fn level(sku: &str, available: u32) -> Level {
        Level::new(sku.parse().unwrap()).adjust(i64::from(available), "received").unwrap().0
    }

    fn lines(lines: &[(&str, u32)]) -> Vec<Quantity> {
        per_sku(lines.iter().map(|(sku, quantity)| (sku.parse().unwrap(), *quantity)))
    }

    fn held(levels: &[Level], wanted: &[(&str, u32)]) -> (Reservation, Vec<Level>) {
        match Reservation::reserve(None, order(), lines(wanted), levels, NOW).unwrap() {
            Reserved::All(reservation, levels, _) => {
                (reservation, levels.into_iter().map(|(level, _)| level).collect())
            }
            Reserved::None(_, rejected) => panic!("{rejected:?}"),
        }
    }

    #[test]
    fn all_lines_are_held_or_none() {
        let levels = [level("A", 2), level("B", 1)];
        let (_, after) = held(&levels, &[("A", 2), ("B", 1)]);
        assert!(after.iter().all(|level| level.available == 0 && level.closes()));
        let Reserved::None(reservation, event) =
            Reservation::reserve(None, order(), lines(&[("A", 1), ("B", 2), ("C", 1)]), &levels, NOW).unwrap()
        else {
            panic!("B and C are short");
        };
        assert_eq!((reservation.status, event.shortages.len()), (Status::Rejected, 2));
    }

    #[test]
    fn lines_of_one_sku_are_summed_before_they_are_held() {
        let wanted = lines(&[("A", 2), ("A", 2)]);
        let reserved = Reservation::reserve(None, order(), wanted, &[level("A", 3)], NOW).unwrap();
        assert!(matches!(reserved, Reserved::None(_, _)), "{reserved:?}");
    }

    #[test]
    fn a_late_reserve_after_a_cancellation_is_refused() {
        let tombstone = Reservation::tombstone(order(), NOW);
        let late = Reservation::reserve(Some(&tombstone), order(), lines(&[("A", 1)]), &[level("A", 3)], NOW);
        assert_eq!(late, Err(Rejection::AlreadyDone));
    }

    #[test]
    fn what_is_released_is_available_again_once() {
        let (reservation, levels) = held(&[level("A", 3)], &[("A", 2)]);
        let (released, levels, event) = reservation.release(&levels, CancelReason::Requested).unwrap();
        assert_eq!((levels[0].0.available, event.reason.as_str()), (3, "cancelled"));
        assert_eq!(released.clone().release(&[], CancelReason::Requested), Err(Rejection::AlreadyDone));
        assert_eq!(released.expire(&[]), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn what_has_left_is_neither_held_nor_available() {
        let (reservation, levels) = held(&[level("A", 3)], &[("A", 2)]);
        let (committed, levels, _) = reservation.commit(&levels).unwrap();
        assert_eq!((levels[0].0.available, levels[0].0.on_hand()), (1, 1));
        assert_eq!(committed.clone().expire(&[]), Err(Rejection::AlreadyDone));
        assert_eq!(committed.commit(&[]), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn a_cancellation_comes_to_the_same_before_and_after_the_goods_left() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        let levels = |levels: &Levels| levels.iter().map(|(level, _)| level.clone()).collect::<Vec<_>>();
        let (released, before, _) = reservation.clone().release(&held, CancelReason::Requested).unwrap();
        assert_eq!(released.commit(&levels(&before)), Err(Rejection::AlreadyDone));
        let (committed, left, _) = reservation.commit(&held).unwrap();
        let (_, after, _) = committed.clone().release(&levels(&left), CancelReason::Requested).unwrap();
        assert_eq!((before[0].0.available, after[0].0.available), (3, 3));
        assert!(after[0].0.closes());
    }

    #[test]
    fn levels_that_were_read_too_late_do_not_show_what_was_held() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        assert!(reservation.is_shown_by(&held));
        let (committed, left, _) = reservation.clone().commit(&held).unwrap();
        let left: Vec<_> = left.into_iter().map(|(level, _)| level).collect();
        assert!(!reservation.is_shown_by(&left) && !reservation.is_shown_by(&[]));
        assert!(committed.is_shown_by(&left));
        assert!(matches!(reservation.expire(&left), Err(Rejection::Level(level::Rejection::NotEnough { .. }))));
    }

    #[test]
    fn what_is_lost_or_on_its_way_back_is_not_on_sale() {
        let (reservation, held) = held(&[level("A", 3)], &[("A", 2)]);
        let levels = |levels: &Levels| levels.iter().map(|(level, _)| level.clone()).collect::<Vec<_>>();
        let (committed, left, _) = reservation.clone().commit(&held).unwrap();
        for reason in [CancelReason::TimedOut, CancelReason::DeliveryFailed] {
            assert_eq!(committed.clone().release(&levels(&left), reason), Err(Rejection::AlreadyDone));
        }
        // The news that it left may come after the news that it comes back.
        assert_eq!(reservation.release(&held, CancelReason::DeliveryFailed), Err(Rejection::AlreadyDone));
    }
}
