//! Get the history of an order.

use contracts::{Envelope, EventSet, OrderId, events::orders::CancelReason};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, Page, Paging, Problem, Time};
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
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
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
    Function::http("get-order-history", handle)
        .about(
            "Returns each event of the order, oldest first. Only the order's customer and support can read it. \
             Other callers get 404.",
        )
        .problems(&[NOT_FOUND])
}

async fn handle(orders: Orders, call: Call<GetOrderHistory>) -> Result<Page<HistoryEntry>, Problem> {
    let GetOrderHistory { order_id, limit, cursor } = call.input;
    let events = orders.store.events(order_id).await?;
    visible(Order::replay(&events), &call.caller)?;
    let (list, key) = (format!("history {order_id}"), |event: &RecordedEvent| event.metadata.version.to_string());
    let page = orders.store.table().slice(&list, events, key, &Paging { limit, cursor })?;
    Ok(page.map(|event| HistoryEntry::from(&event)))
}
