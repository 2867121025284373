//! Get what happened to an order.

use contracts::{OrderId, events::orders::CancelReason};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Function, Page, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Orders,
    fact::{Dated, Fact},
    order::Order,
    view::visible,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetOrderHistory {
    #[garde(skip)]
    order_id: OrderId,
}

/// One thing that happened to an order.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The order's version after it, from 1 on.
    version: u64,
    /// What happened: `OrderPlaced`, `OrderConfirmed`, …
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it happened.
    time: Timestamp,
    /// Why, for a cancellation.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<CancelReason>,
}

impl From<&Dated> for HistoryEntry {
    fn from(Dated { fact, version, time }: &Dated) -> Self {
        let reason = if let Fact::Cancelled(cancelled) = fact { Some(cancelled.reason) } else { None };
        Self { version: *version, kind: fact.name(), time: *time, reason }
    }
}

pub fn function() -> Function {
    Function::http("get-order-history", handle)
}

async fn handle(orders: Orders, call: Call<GetOrderHistory>) -> Result<Page<HistoryEntry>, Problem> {
    let facts = orders.store.facts(call.input.order_id).await?;
    visible(Order::replay(&facts), &call.caller)?;
    Ok(Page { items: facts.iter().map(HistoryEntry::from).collect(), next: None })
}
