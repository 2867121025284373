//! The orders of the shop, as merchants see them: without addresses and payments.

use contracts::{Money, OrderId};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    cart::Totals,
    link,
    order::{Awaited, Listed, Reason, Status, Waiting},
    shell::Shell,
    signed::Signed,
    when,
};

/// An order of the shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShopOrder {
    pub(crate) id: OrderId,
    pub(crate) status: Status,
    #[serde(default)]
    pub(crate) reason: Option<Reason>,
    #[serde(default)]
    pub(crate) waiting_for: Option<Waiting>,
    lines: Vec<Line>,
    pub(crate) totals: Totals,
    pub(crate) placed_at: Timestamp,
}

#[derive(Debug, Clone, Deserialize)]
struct Line {
    quantity: u32,
}

/// An order in a table.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskOrder")]
pub(crate) struct OrderRow {
    pub(crate) id: OrderId,
    pub(crate) status: Status,
    /// Why it was cancelled.
    pub(crate) reason: Option<Reason>,
    /// When it was placed, as it is shown.
    pub(crate) placed: String,
    pub(crate) units: u32,
    /// What it waits for and until when, as it is shown.
    pub(crate) waits_for: Option<String>,
    pub(crate) total: Money,
    #[serde(skip)]
    pub(crate) tag: String,
    #[serde(skip)]
    pub(crate) tone: &'static str,
    #[serde(skip)]
    pub(crate) why: Option<String>,
}

impl OrderRow {
    pub(crate) fn of(order: &ShopOrder, shell: &Shell, now: Timestamp) -> Self {
        let (tag, tone) = order.status.tag();
        let waits_for = |waiting: Waiting| {
            let key = match waiting.what {
                Awaited::Stock => "desk-waits-stock",
                Awaited::Payment => "desk-waits-payment",
                Awaited::Customer => "desk-waits-customer",
                Awaited::Dispatch => "desk-waits-dispatch",
                Awaited::Delivery => "desk-waits-delivery",
            };
            shell.w(key, "until", when::time_or_date(waiting.until, now))
        };
        Self {
            id: order.id,
            status: order.status,
            reason: order.reason,
            placed: when::time_or_date(order.placed_at, now),
            units: order.lines.iter().map(|line| line.quantity).sum(),
            waits_for: order.waiting_for.map(waits_for),
            total: order.totals.total,
            tag: shell.t(tag),
            tone,
            why: order.reason.map(|reason| shell.t(reason.text())),
        }
    }

    /// The end of the id, which tells orders apart.
    pub(crate) fn number(&self) -> String {
        link::short(self.id)
    }
}

impl Storefront {
    /// A page of the orders of the shop, the newest first.
    pub(crate) async fn shop_orders(&self, signed: &Signed, query: &str) -> Result<Listed<ShopOrder>, ApiError> {
        self.orders.send(signed.with_token(ApiRequest::get(format!("/v1/orders?{query}")))).await
    }
}
