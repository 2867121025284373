//! Get a shipment with its address and history.

use contracts::{Address, Envelope, Sealed, ShipmentId, UserId, events::inventory::Quantity, sealed_for};
use dynamo::EventRecord;
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem, Sealer, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Delivery,
    access::sees,
    view::{REASON, ShipmentView},
};

/// The shipment to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetShipment {
    #[garde(skip)]
    shipment_id: ShipmentId,
}

/// A shipment, with its contents, address and history.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDetails {
    #[serde(flatten)]
    shipment: ShipmentView,
    /// The contents.
    lines: Vec<Quantity>,
    ship_to: Address,
    /// The history, oldest entry first.
    history: Vec<HistoryEntry>,
    /// The six-digit PIN of the delivery. Only the customer sees it. The courier can enter it to confirm the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

/// An entry in the history of a shipment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShipmentHistoryEntry")]
pub struct HistoryEntry {
    /// The version of the shipment after this entry, from 1.
    version: u64,
    /// The type of the event: `ShipmentScheduled`, `ShipmentDispatched`, …
    #[serde(rename = "type")]
    kind: String,
    /// The time of the event.
    time: Time,
    /// The courier who was assigned, or who dispatched the shipment.
    #[serde(skip_serializing_if = "Option::is_none")]
    courier_id: Option<UserId>,
    /// The courier's reason for a failed attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The number of failed attempts so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

/// The fields of an event that callers see.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    courier: Option<UserId>,
    reason: Option<Sealed<String>>,
    attempts: Option<u32>,
}

impl HistoryEntry {
    fn of(event: &EventRecord, sealer: &Sealer) -> Result<Self, Problem> {
        let Envelope { metadata, data: Facts { courier, reason, attempts } } =
            serde_json::from_str(&event.detail).map_err(Problem::internal)?;
        let kind = event.name.split_once('.').map_or(event.name.as_str(), |(kind, _)| kind).to_owned();
        let reason = reason.map(|reason| sealer.open(REASON, &reason)).transpose()?;
        Ok(Self { version: metadata.version, kind, time: metadata.time.into(), courier_id: courier, reason, attempts })
    }
}

pub fn function() -> Function {
    Function::http("get-shipment", handle)
        .about(
            "The customer of the shipment, every courier and support can read it. Other callers get 404. Only the \
             customer sees the PIN of the delivery.",
        )
        .versioned()
        .problems(&[NOT_FOUND])
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
    Ok(Found::new(details).version(&shipment.version))
}
