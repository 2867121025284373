//! The keys and queries of the service's table.

use contracts::{Envelope, OrderId, QuoteId, UserId, events::orders::OrderPlaced};
use dynamo::{Commit, Entity, Error, EventRecord, Key, OverdueScan, Page, Paging, RequestContext, Table, by_age};
use jiff::Timestamp;

use crate::{
    event::{OrderEvent, RecordedEvent, Status},
    order::Order,
};

impl Entity for Order {
    fn key(&self) -> Key {
        key(self.id)
    }

    /// Orders are listed by customer, by age. Their ids are derived, and do not sort by it.
    fn list(&self) -> Option<(String, String)> {
        Some((format!("customer#{}", self.customer), by_age(self.placed_at, self.id)))
    }

    fn due(&self) -> Option<Timestamp> {
        self.deadline
    }
}

fn key(order: OrderId) -> Key {
    Key::of("order", order)
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

    pub(crate) async fn order(&self, id: OrderId) -> Result<Option<Order>, Error> {
        self.table.get(&key(id)).await
    }

    /// The events of an order, oldest first. Empty if the order does not exist.
    pub(crate) async fn events(&self, id: OrderId) -> Result<Vec<RecordedEvent>, Error> {
        let events: Vec<EventRecord> = self.table.query(key(id).pk).prefix("event#").all().await?;
        events.iter().map(EventRecord::envelope).collect()
    }

    /// The event that placed an order.
    pub(crate) async fn placed(&self, id: OrderId) -> Result<Option<Envelope<OrderPlaced>>, Error> {
        self.table.event(&key(id), 1).await?.as_ref().map(EventRecord::envelope).transpose()
    }

    /// A customer's orders, newest first.
    pub(crate) async fn of_customer(
        &self,
        customer: UserId,
        status: Option<Status>,
        paging: &Paging,
    ) -> Result<Page<Order>, Error> {
        let orders = self.table.list(format!("customer#{customer}")).newest_first();
        match status {
            Some(status) => orders.only("status", status.as_str()).page(paging).await,
            None => orders.page(paging).await,
        }
    }

    /// The orders whose deadline has passed.
    pub(crate) fn overdue(&self, now: Timestamp) -> OverdueScan<Order> {
        self.table.due("order", now)
    }

    /// Saves a new order, and claims its quote.
    pub(crate) fn place<'a>(
        &'a self,
        order: &Order,
        placed: &OrderEvent,
        quote: QuoteId,
        context: &'a RequestContext,
    ) -> Commit<'a> {
        self.table.commit(context).create(order).event(placed).claim(&Key::of("quote", quote), order.id)
    }

    /// Saves an order with its events.
    pub(crate) fn commit<'a>(
        &'a self,
        order: &Order,
        events: &[OrderEvent],
        context: &'a RequestContext,
    ) -> Commit<'a> {
        events.iter().fold(self.table.commit(context).save(order), Commit::event)
    }
}
