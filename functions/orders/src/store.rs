//! The keys and queries of the service's table.

use contracts::{
    CartId, Envelope, OrderId, QuoteId, UserId,
    events::{checkout::CartMerged, orders::OrderPlaced},
};
use dynamo::{Commit, Entity, Error, EventRecord, Key, OverdueScan, Page, Paging, RequestContext, Table, age, by_age};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    event::{OrderEvent, RecordedEvent, Status},
    order::Order,
};

impl Entity for Order {
    fn key(&self) -> Key {
        key(self.id)
    }

    /// Orders are listed by customer, by age, and by age alone in the index `states`. Their ids are derived, and do not
    /// sort by it.
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

/// What became of a generation of a cart. Its quotes can no longer be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Claim {
    /// An order was placed from it.
    Ordered { order: OrderId, quote: QuoteId },
    /// The cart was merged into another cart.
    Merged { into: CartId },
}

fn claim_key(cart: CartId, generation: u64) -> Key {
    Key::of("cart", format_args!("{cart}#{generation}"))
}

/// The orders that a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Those with one of these statuses.
    pub(crate) status: Option<Vec<Status>>,
    /// Those placed at this time or later.
    pub(crate) from: Option<Timestamp>,
    /// Those placed before this time, which is later than `from`.
    pub(crate) to: Option<Timestamp>,
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

    /// The orders of a customer, or of all customers, newest first.
    pub(crate) async fn list(
        &self,
        customer: Option<UserId>,
        filter: &Filter,
        paging: &Paging,
    ) -> Result<Page<Order>, Error> {
        let mut orders = match customer {
            Some(customer) => self.table.list(format!("customer#{customer}")),
            None => self.table.states(),
        };
        if let Some(from) = filter.from {
            orders = orders.from(age(from));
        }
        if let Some(to) = filter.to {
            orders = orders.to(age(to));
        }
        if let Some(status) = &filter.status {
            orders = orders.only_any("status", status.iter().map(|status| status.as_str()));
        }
        orders.newest_first().page(paging).await
    }

    /// The orders whose deadline has passed.
    pub(crate) fn overdue(&self, now: Timestamp) -> OverdueScan<Order> {
        self.table.due("order", now)
    }

    /// Saves a new order, and claims the generation of its cart.
    pub(crate) fn place<'a>(&'a self, order: &Order, placed: &OrderPlaced, context: &'a RequestContext) -> Commit<'a> {
        let claim = Claim::Ordered { order: order.id, quote: placed.quote };
        let commit = self.table.commit(context).create(order).event(&OrderEvent::Placed(placed.clone()));
        commit.claim(&claim_key(placed.cart, placed.generation), claim)
    }

    /// Claims the generation of a cart that was merged into another.
    pub(crate) fn merge<'a>(&'a self, merged: &CartMerged, context: &'a RequestContext) -> Commit<'a> {
        let claim = Claim::Merged { into: merged.into };
        self.table.commit(context).claim(&claim_key(merged.cart, merged.generation), claim)
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
