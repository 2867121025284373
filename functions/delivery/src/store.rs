//! Keys and queries: the service's only knowledge of its table.

use contracts::{OrderId, ShipmentId, UserId};
use dynamo::{Commit, Entity, Error, EventRecord, Key, Page, Paging, Table};
use serde::{Deserialize, Serialize};

use crate::shipment::{Shipment, Status, Stored, Tombstone};

impl Entity for Shipment {
    fn key(&self) -> Key {
        shipment_key(self.id)
    }

    /// Found by its status; the id keeps the order of time.
    fn list(&self) -> Option<(String, String)> {
        Some((status_partition(self.status), self.id.to_string()))
    }
}

/// It has the shipment's key, so that the one cannot be stored beside the other.
impl Entity for Tombstone {
    fn key(&self) -> Key {
        shipment_key(Shipment::id_of(self.cancelled_order))
    }
}

/// A shipment on the list of a courier who was given it. It stays when the shipment is given to another, so a reader of
/// the list has to look at the shipment.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    courier: UserId,
    shipment: ShipmentId,
}

impl Entity for Given {
    fn key(&self) -> Key {
        courier_key(self.courier).child("shipment", self.shipment)
    }
}

fn shipment_key(id: ShipmentId) -> Key {
    Key::of("shipment", id)
}

fn courier_key(courier: UserId) -> Key {
    Key::of("courier", courier)
}

fn status_partition(status: Status) -> String {
    format!("status#{status}")
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

    /// What is stored for an order.
    pub(crate) async fn of_order(&self, order: OrderId) -> Result<Option<Stored>, Error> {
        self.table.get(&shipment_key(Shipment::id_of(order))).await
    }

    /// A shipment. A tombstone is not one.
    pub(crate) async fn shipment(&self, id: ShipmentId) -> Result<Option<Shipment>, Error> {
        match self.table.get(&shipment_key(id)).await? {
            Some(Stored::Shipment(shipment)) => Ok(Some(*shipment)),
            Some(Stored::Tombstone(_)) | None => Ok(None),
        }
    }

    /// A shipment and what happened to it, oldest first, in one call.
    pub(crate) async fn shipment_and_events(
        &self,
        id: ShipmentId,
    ) -> Result<(Option<Shipment>, Vec<EventRecord>), Error> {
        let mut rows = self.table.query(shipment_key(id).pk).rows().await?;
        let shipment = match rows.take_one("shipment")? {
            Some(Stored::Shipment(shipment)) => Some(*shipment),
            Some(Stored::Tombstone(_)) | None => None,
        };
        Ok((shipment, rows.take("event")?))
    }

    /// Shipments of a status, those of the oldest orders first: they have waited longest.
    pub(crate) async fn with_status(&self, status: Status, paging: &Paging) -> Result<Page<Shipment>, Error> {
        self.table.list(status_partition(status)).page(paging).await
    }

    /// Shipments that a courier was given, newest first.
    pub(crate) async fn given_to(&self, courier: UserId, paging: &Paging) -> Result<Page<Shipment>, Error> {
        let given = self.table.query(courier_key(courier).pk).newest_first();
        let Page { items, next }: Page<Given> = given.page(paging).await?;
        let keys: Vec<_> = items.iter().map(|given| shipment_key(given.shipment)).collect();
        let mut items: Vec<Shipment> = self.table.get_many(&keys).await?;
        items.sort_by_key(|shipment| std::cmp::Reverse(shipment.id));
        Ok(Page { items, next })
    }
}

/// Puts a shipment on the list of the courier who has it now.
pub(crate) fn give<'a>(commit: Commit<'a>, shipment: &Shipment) -> Commit<'a> {
    match shipment.courier {
        Some(courier) => commit.put_record(&Given { courier, shipment: shipment.id }),
        None => commit,
    }
}
