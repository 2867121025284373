//! Keys and queries: the service's only knowledge of its table.

use contracts::{OrderId, UserId};
use dynamo::{Cause, Commit, Entity, Error, EventRecord, Key, Page, Paging, Table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    fact::{Dated, Fact, Status},
    order::Order,
};

/// Deadlines are spread over so many partitions of the index, by the last digit of the order's id.
const SHARDS: u8 = 16;

impl Entity for Order {
    fn key(&self) -> Key {
        key(self.id)
    }

    fn version(&self) -> u64 {
        self.version
    }

    /// Orders are listed by customer; ids sort by age.
    fn index(&self) -> Option<Key> {
        Some(Key { pk: format!("customer#{}", self.customer), sk: self.id.to_string() })
    }
}

/// What an order waits for, to be found by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Deadline {
    order: OrderId,
    at: Timestamp,
}

impl Entity for Deadline {
    fn key(&self) -> Key {
        key(self.order).child("deadline", "next")
    }

    fn version(&self) -> u64 {
        1
    }

    fn index(&self) -> Option<Key> {
        let shard = self.order.uuid().as_bytes()[15] % SHARDS;
        Some(Key { pk: format!("deadline#{shard}"), sk: self.at.to_string() })
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
        let orders = self.table.query_index(format!("customer#{customer}")).newest_first();
        match status {
            Some(status) => orders.only("status", status.as_str()).page(paging).await,
            None => orders.page(paging).await,
        }
    }

    /// Orders whose deadline is over.
    pub(crate) async fn overdue(&self, now: Timestamp) -> Result<Vec<OrderId>, Error> {
        let mut overdue = Vec::new();
        for shard in 0..SHARDS {
            let due = self.table.query_index(format!("deadline#{shard}")).below(now.to_string());
            let page = due.page::<Deadline>(&Paging { limit: Some(100), cursor: None }).await?;
            overdue.extend(page.items.into_iter().map(|deadline| deadline.order));
        }
        Ok(overdue)
    }

    /// Saves an order with its facts, and when it must be looked at next.
    pub(crate) fn commit<'a>(&'a self, order: &Order, facts: &[Fact], cause: &'a Cause) -> Commit<'a> {
        let commit = self.table.commit(cause).save(order);
        let commit = facts.iter().fold(commit, |commit, fact| fact.record(commit));
        match order.deadline {
            Some(at) => commit.put_record(&Deadline { order: order.id, at }),
            None => commit.delete(&key(order.id).child("deadline", "next")),
        }
    }
}
