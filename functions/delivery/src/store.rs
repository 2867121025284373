//! The keys and queries of the service's table.

use std::collections::HashMap;

use contracts::{OrderId, ShipmentId, UserId};
use dynamo::{Commit, Entity, Error, EventRecord, Key, Page, Paging, Table, by_age};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::shipment::{Shipment, Status, Stored, Tombstone};

impl Entity for Shipment {
    fn key(&self) -> Key {
        shipment_key(self.id)
    }

    /// Found by its status, by age.
    fn list(&self) -> Option<(String, String)> {
        Some((status_partition(self.status), by_age(self.scheduled_at, self.id)))
    }
}

/// It has the key of the shipment, so that only one of the two can be stored.
impl Entity for Tombstone {
    fn key(&self) -> Key {
        shipment_key(Shipment::id_of(self.cancelled_order))
    }
}

/// An entry in the list of a courier's shipments. The entry stays if the shipment is assigned to another courier, so
/// readers of the list must check the shipment.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    courier: UserId,
    shipment: ShipmentId,
    scheduled_at: Timestamp,
}

impl Entity for Given {
    fn key(&self) -> Key {
        let age = by_age(self.scheduled_at, self.shipment);
        courier_key(self.courier).child("shipment", format_args!("{age}#{}", self.shipment))
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

    /// The stored item of an order: a shipment or a tombstone.
    pub(crate) async fn of_order(&self, order: OrderId) -> Result<Option<Stored>, Error> {
        self.table.get(&shipment_key(Shipment::id_of(order))).await
    }

    /// A shipment. `None` if there is only a tombstone.
    pub(crate) async fn shipment(&self, id: ShipmentId) -> Result<Option<Shipment>, Error> {
        match self.table.get(&shipment_key(id)).await? {
            Some(Stored::Shipment(shipment)) => Ok(Some(*shipment)),
            Some(Stored::Tombstone(_)) | None => Ok(None),
        }
    }

    /// Reads a shipment and its events, oldest first, in one call.
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

    /// Shipments with a status, the earliest scheduled first.
    pub(crate) async fn with_status(&self, status: Status, paging: &Paging) -> Result<Page<Shipment>, Error> {
        self.table.list(status_partition(status)).page(paging).await
    }

    /// Shipments of a courier, newest first. Those that have another courier by now are left out.
    pub(crate) async fn given_to(
        &self,
        courier: UserId,
        status: Option<Status>,
        paging: &Paging,
    ) -> Result<Page<Shipment>, Error> {
        let wanted = |shipment: &Shipment| {
            shipment.courier == Some(courier) && status.is_none_or(|status| shipment.status == status)
        };
        let shipments = |given: Vec<Given>| async move {
            let keys: Vec<_> = given.iter().map(|given| shipment_key(given.shipment)).collect();
            let found: Vec<Shipment> = self.table.get_many(&keys).await?;
            let mut found: HashMap<_, _> = found.into_iter().map(|shipment| (shipment.id, shipment)).collect();
            Ok(given.iter().map(|given| found.remove(&given.shipment).filter(wanted)).collect())
        };
        self.table.query(courier_key(courier).pk).newest_first().page_of(paging, shipments).await
    }
}

/// Adds a shipment to the list of its courier.
pub(crate) fn give<'a>(commit: Commit<'a>, shipment: &Shipment) -> Commit<'a> {
    match shipment.courier {
        Some(courier) => {
            let scheduled_at = shipment.scheduled_at;
            commit.put_record(&Given { courier, shipment: shipment.id, scheduled_at })
        }
        None => commit,
    }
}
