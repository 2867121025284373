//! Keys and queries: the service's only knowledge of its table.

use contracts::{OrderId, UserId};
use dynamo::{Cause, Commit, Due, Entity, Error, EventRecord, Key, Page, Paging, Table};
use jiff::Timestamp;

use crate::{
    fact::{Dated, Fact, Status},
    order::Order,
};

impl Entity for Order {
    fn key(&self) -> Key {
        key(self.id)
    }

    /// Orders are listed by customer; ids sort by age.
    fn list(&self) -> Option<(String, String)> {
        Some((format!("customer#{}", self.customer), self.id.to_string()))
    }

    fn due(&self) -> Option<Timestamp> {
        self.deadline
    }
}

fn key(order: OrderId) -> Key {
    Key::of("order", order)
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

    pub(crate) async fn order(&self, id: OrderId) -> Result<Option<Order>, Error> {
        self.table.get(&key(id)).await
    }

    /// What happened to an order, oldest first; nothing for one that does not exist.
    pub(crate) async fn facts(&self, id: OrderId) -> Result<Vec<Dated>, Error> {
        let events: Vec<EventRecord> = self.table.query(key(id).pk).prefix("event#").all().await?;
        events.iter().map(Fact::read).collect()
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

    /// Orders whose deadline is over.
    pub(crate) fn overdue(&self, now: Timestamp) -> Due<Order> {
        self.table.due("order", now)
    }

    /// Saves an order with its facts.
    pub(crate) fn commit<'a>(&'a self, order: &Order, facts: &[Fact], cause: &'a Cause) -> Commit<'a> {
        facts.iter().fold(self.table.commit(cause).save(order), |commit, fact| fact.record(commit))
    }
}
