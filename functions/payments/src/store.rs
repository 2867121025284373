//! Keys and queries: the service's only knowledge of its table.

use contracts::{OrderId, PaymentId};
use dynamo::{Commit, Due, Entity, Error, Key, Table};
use jiff::Timestamp;

use crate::payment::{Payment, Stated};

impl Entity for Payment {
    fn key(&self) -> Key {
        Key::of("payment", self.id())
    }

    fn version(&self) -> u64 {
        self.version
    }

    /// What the provider has not decided is found by when it is to be asked again.
    fn due(&self) -> Option<Timestamp> {
        self.due
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
    pub(crate) fn due(&self, now: Timestamp) -> Due<Payment> {
        self.table.due("payment", now)
    }
}

/// Saves a payment with what its change states.
pub(crate) fn save_payment<'a>(commit: Commit<'a>, payment: &Payment, stated: &[Stated]) -> Commit<'a> {
    stated.iter().fold(commit.save(payment), |commit, stated| match stated {
        Stated::Authorized(event) => commit.event(event),
        Stated::Declined(event) => commit.event(event),
        Stated::Captured(event) => commit.event(event),
        Stated::Voided(event) => commit.event(event),
        Stated::Refunded(event) => commit.event(event),
        Stated::Disputed(event) => commit.event(event),
        Stated::Decided(event) => commit.event(event),
    })
}
