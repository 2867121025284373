//! The keys and queries of the service's table.

use contracts::{OrderId, ReplenishmentId, Sku};
use dynamo::{Commit, Entity, Error, Key, OverdueScan, Page, Paging, RequestContext, Table};
use jiff::Timestamp;

use crate::{
    level::{Level, StockEvent},
    replenishment::Replenishment,
    reservation::{Change, Reservation, Status},
};

impl Entity for Level {
    fn key(&self) -> Key {
        level_key(&self.sku)
    }
}

impl Entity for Reservation {
    fn key(&self) -> Key {
        reservation_key(self.order)
    }

    /// A held reservation is found by the time at which it expires.
    fn due(&self) -> Option<Timestamp> {
        (self.status == Status::Held).then_some(self.held_until)
    }
}

impl Entity for Replenishment {
    fn key(&self) -> Key {
        Key::of("replenishment", self.id)
    }

    fn list(&self) -> Option<(String, String)> {
        Some(("replenishments".to_owned(), self.id.to_string()))
    }
}

fn level_key(sku: &Sku) -> Key {
    Key::of("level", sku)
}

fn reservation_key(order: OrderId) -> Key {
    Key::of("reservation", order)
}

/// The table of the service.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    table: Table,
}

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The level of a SKU, if it has stock records.
    pub(crate) async fn level(&self, sku: &Sku) -> Result<Option<Level>, Error> {
        self.table.get(&level_key(sku)).await
    }

    /// The levels of the SKUs that have stock records, by SKU.
    pub(crate) async fn levels<'a>(&self, skus: impl IntoIterator<Item = &'a Sku>) -> Result<Vec<Level>, Error> {
        let keys: Vec<_> = skus.into_iter().map(level_key).collect();
        let mut levels: Vec<Level> = self.table.get_many(&keys).await?;
        levels.sort_by(|a, b| a.sku.cmp(&b.sku));
        Ok(levels)
    }

    /// Reads the levels of a reservation's SKUs, after the reservation was read. Returns [`Error::Conflict`] if they
    /// show a later change of the reservation.
    pub(crate) async fn levels_of(&self, reservation: &Reservation) -> Result<Vec<Level>, Error> {
        let levels = self.levels(reservation.lines.iter().map(|line| &line.sku)).await?;
        if !reservation.is_shown_by(&levels) && self.reservation(reservation.order).await?.as_ref() != Some(reservation)
        {
            return Err(Error::Conflict);
        }
        Ok(levels)
    }

    /// The reservation of an order.
    pub(crate) async fn reservation(&self, order: OrderId) -> Result<Option<Reservation>, Error> {
        self.table.get(&reservation_key(order)).await
    }

    /// The reservation of an order with the levels of its SKUs.
    pub(crate) async fn reservation_with_its_levels(
        &self,
        order: OrderId,
    ) -> Result<(Option<Reservation>, Vec<Level>), Error> {
        let Some(reservation) = self.reservation(order).await? else { return Ok((None, Vec::new())) };
        let levels = self.levels_of(&reservation).await?;
        Ok((Some(reservation), levels))
    }

    /// Reads the reservation of an order and the levels of some SKUs in one call. A SKU may be given more than once.
    pub(crate) async fn reservation_and_levels<'a>(
        &self,
        order: OrderId,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> Result<(Option<Reservation>, Vec<Level>), Error> {
        let keys: Vec<_> = skus.into_iter().map(level_key).chain([reservation_key(order)]).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        Ok((rows.take_one("reservation")?, rows.take("level")?))
    }

    /// Saves a change of a reservation with the levels that change.
    pub(crate) fn commit<'a>(&'a self, change: &Change, context: &'a RequestContext) -> Commit<'a> {
        let commit = self.table.commit(context).save(&change.reservation);
        let commit = change.event.iter().fold(commit, Commit::event);
        change.levels.iter().fold(commit, |commit, (level, events)| save_level(commit, level, events))
    }

    /// Reservations that have expired.
    pub(crate) fn lapsed(&self, now: Timestamp) -> OverdueScan<Reservation> {
        self.table.due("reservation", now)
    }

    pub(crate) async fn replenishment(&self, id: ReplenishmentId) -> Result<Option<Replenishment>, Error> {
        self.table.get(&Key::of("replenishment", id)).await
    }

    /// Replenishments, newest first.
    pub(crate) async fn replenishments(&self, paging: &Paging) -> Result<Page<Replenishment>, Error> {
        self.table.list("replenishments").newest_first().page(paging).await
    }
}

/// Saves a level with its events.
pub(crate) fn save_level<'a>(commit: Commit<'a>, level: &Level, events: &[StockEvent]) -> Commit<'a> {
    events.iter().fold(commit.save(level), Commit::event)
}
