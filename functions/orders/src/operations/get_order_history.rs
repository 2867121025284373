//! Get the history of an order.

use contracts::{Envelope, EventSet, OrderId, events::orders::CancelReason};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, Page, Problem, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Orders,
    event::{OrderEvent, RecordedEvent},
    order::Order,
    view::visible,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetOrderHistory {
    #[garde(skip)]
    order_id: OrderId,
}

/// An event in the history of an order.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderHistoryEntry")]
pub struct HistoryEntry {
    /// The order's version after the event, from 1.
    version: u64,
    /// The type of the event: `OrderPlaced`, `OrderConfirmed`, …
    #[serde(rename = "type")]
    kind: &'static str,
    /// The time of the event.
    time: Time,
    /// The reason for a cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<CancelReason>,
}

impl From<&RecordedEvent> for HistoryEntry {
    fn from(Envelope { metadata, data }: &RecordedEvent) -> Self {
        let reason = if let OrderEvent::Cancelled(cancelled) = data { Some(cancelled.reason) } else { None };
        let kind = data.name().split('.').next().unwrap_or_default();
        Self { version: metadata.version, kind, time: metadata.time.into(), reason }
    }
}

pub fn function() -> Function {
    Function::http("get-order-history", handle).problems(&[NOT_FOUND])
}

async fn handle(orders: Orders, call: Call<GetOrderHistory>) -> Result<Page<HistoryEntry>, Problem> {
    let events = orders.store.events(call.input.order_id).await?;
    visible(Order::replay(&events), &call.caller)?;
    Ok(Page { items: events.iter().map(HistoryEntry::from).collect(), next: None })
}
