//! Keys and queries: the service's only knowledge of its table.

use contracts::{OrderId, PaymentId};
use dynamo::{Cause, Commit, Due, Entity, Error, Key, Table};
use jiff::Timestamp;

use crate::payment::{Decision, Payment, PaymentEvent};

impl Entity for Payment {
    fn key(&self) -> Key {
        Key::of("payment", self.id())
    }

    /// A payment that the provider has not decided is found by when it is asked again.
    fn due(&self) -> Option<Timestamp> {
        self.next_attempt_at
    }
}

/// The service's table.
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

    /// The payment of an order: there is one, over the order's UUID.
    pub(crate) async fn payment_of(&self, order: OrderId) -> Result<Option<Payment>, Error> {
        self.payment(order.uuid().into()).await
    }

    /// Payments that the provider is to be asked about again.
    pub(crate) fn overdue(&self, now: Timestamp) -> Due<Payment> {
        self.table.due("payment", now)
    }

    /// Saves a payment with what happened to it.
    pub(crate) fn commit<'a>(&'a self, decision: &Decision, cause: &'a Cause) -> Commit<'a> {
        let commit = self.table.commit(cause).save(&decision.payment);
        decision.events.iter().fold(commit, |commit, event| match event {
            PaymentEvent::Authorized(event) => commit.event(event),
            PaymentEvent::Declined(event) => commit.event(event),
            PaymentEvent::Captured(event) => commit.event(event),
            PaymentEvent::Voided(event) => commit.event(event),
            PaymentEvent::Refunded(event) => commit.event(event),
            PaymentEvent::Disputed(event) => commit.event(event),
            PaymentEvent::Decided(event) => commit.event(event),
        })
    }
}
