//! The keys and queries of the service's table.

use contracts::{OrderId, PaymentId};
use dynamo::{Commit, Entity, Error, Key, OverdueScan, RequestContext, Table};
use jiff::Timestamp;

use crate::payment::{Decision, Payment};

impl Entity for Payment {
    fn key(&self) -> Key {
        Key::of("payment", self.id())
    }

    /// A payment without a decision of the provider is found by the time at which the provider is asked again.
    fn due(&self) -> Option<Timestamp> {
        self.next_attempt_at
    }
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

    pub(crate) async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, Error> {
        self.table.get(&Key::of("payment", id)).await
    }

    /// The payment of an order. It has the UUID of the order.
    pub(crate) async fn payment_of(&self, order: OrderId) -> Result<Option<Payment>, Error> {
        self.payment(order.uuid().into()).await
    }

    /// The payments for which the provider must be asked again.
    pub(crate) fn overdue(&self, now: Timestamp) -> OverdueScan<Payment> {
        self.table.due("payment", now)
    }

    /// Saves a payment with its new events.
    pub(crate) fn commit<'a>(&'a self, decision: &Decision, context: &'a RequestContext) -> Commit<'a> {
        decision.events.iter().fold(self.table.commit(context).save(&decision.payment), Commit::event)
    }
}
