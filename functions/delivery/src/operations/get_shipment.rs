//! Get a shipment, with where it goes and what happened to it.

use contracts::{Address, Envelope, Sealed, ShipmentId, UserId, events::inventory::Quantity, sealed_for};
use dynamo::EventRecord;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Found, Function, Problem, Sealer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Delivery, access::sees, operations::list_shipments::ShipmentView};

/// Which shipment.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetShipment {
    #[garde(skip)]
    shipment_id: ShipmentId,
}

/// A shipment, with everything that its courier and its customer need.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDetails {
    #[serde(flatten)]
    shipment: ShipmentView,
    /// What is in it.
    lines: Vec<Quantity>,
    ship_to: Address,
    /// What happened to it, oldest first.
    history: Vec<HistoryEntry>,
    /// What the customer may ask the courier to enter at the door: six digits, shown to the customer alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

/// One thing that happened to a shipment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The shipment's version after it, from 1 on.
    version: u64,
    /// What happened: `ShipmentScheduled`, `ShipmentDispatched`, …
    #[serde(rename = "type")]
    kind: String,
    /// When.
    time: Timestamp,
    /// Who was named, or left with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    courier: Option<UserId>,
    /// Why an attempt failed, in the courier's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How many attempts had failed by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

/// What is shown of an event: what is not named here stays inside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    courier: Option<UserId>,
    reason: Option<Sealed<String>>,
    attempts: Option<u32>,
}

/// What reasons are sealed for.
pub(crate) const REASON: &str = "delivery-reason";

impl HistoryEntry {
    fn of(event: &EventRecord, sealer: &Sealer) -> Result<Self, Problem> {
        let Envelope { metadata, data: Facts { courier, reason, attempts } } =
            serde_json::from_str(&event.detail).map_err(Problem::internal)?;
        let kind = event.name.split_once('.').map_or(event.name.as_str(), |(kind, _)| kind).to_owned();
        let reason = reason.map(|reason| sealer.open(REASON, &reason)).transpose()?;
        Ok(Self { version: metadata.version, kind, time: metadata.time, courier, reason, attempts })
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("get-shipment", handle)
}

async fn handle(delivery: Delivery, call: Call<GetShipment>) -> Result<Found<ShipmentDetails>, Problem> {
    let (shipment, events) = delivery.store.shipment_and_events(call.input.shipment_id).await?;
    let shipment = shipment.filter(|shipment| sees(&call.caller, shipment));
    let shipment = shipment.ok_or_else(|| Problem::not_found("shipment"))?;
    let details = ShipmentDetails {
        shipment: ShipmentView::of(&shipment),
        ship_to: delivery.sealer.open(sealed_for::ADDRESS, &shipment.ship_to)?,
        history: events.iter().map(|event| HistoryEntry::of(event, &delivery.sealer)).collect::<Result<_, _>>()?,
        pin: (call.caller.id == Some(shipment.customer)).then(|| delivery.pin(shipment.id)),
        lines: shipment.lines,
    };
    Ok(Found::new(details).version(shipment.version))
}
