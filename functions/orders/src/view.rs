//! The order as callers see it.

use contracts::{
    Address, OrderId, OrderLineView, PaymentId, Role, ShipmentId, TotalsView, UserId, events::orders::CancelReason,
    sealed_for,
};
use lambda::{Caller, Problem, Sealer, Time};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{decline::decline_reason, event::Status, order::Order};

/// An order.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderView {
    #[serde(flatten)]
    summary: OrderSummary,
    #[serde(flatten)]
    details: OrderDetails,
}

/// An order in a list. In the list of all orders of the shop it has no `shipTo`, no `note`, no `declineReason` and no
/// `paymentId`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedOrder {
    #[serde(flatten)]
    summary: OrderSummary,
    #[serde(flatten)]
    details: Option<OrderDetails>,
}

/// The part of an order that merchants see.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrderSummary {
    id: OrderId,
    status: Status,
    /// The reason for the cancellation.
    reason: Option<CancelReason>,
    /// The next step, and its deadline.
    waiting_for: Option<Waiting>,
    customer_id: UserId,
    lines: Vec<OrderLineView>,
    totals: TotalsView,
    shipping_option: String,
    shipment_id: Option<ShipmentId>,
    placed_at: Time,
    updated_at: Time,
}

/// The part of an order that only its customer and support see: personal data, and how it is paid.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrderDetails {
    /// Why the payment was declined, and what the customer can do, for display.
    decline_reason: Option<&'static str>,
    /// The payment provider's code for the decline. Only support sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_code: Option<String>,
    /// The note from the caller who cancelled the order.
    note: Option<String>,
    /// The payment, while the customer must approve it. Its `nextAction` says how. `GET /v1/payments?orderId=…` finds the
    /// payment at any time.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    ship_to: Address,
}

/// The next step of an order, and its deadline.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waiting {
    /// The next step.
    what: Awaited,
    /// The deadline. If the step has not happened by then, the order is cancelled. In the step `delivery`, that is because the
    /// parcel counts as lost.
    until: Time,
}

/// The next step of an order.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Awaited {
    /// Stock must be reserved.
    Stock,
    /// The payment must be authorised.
    Payment,
    /// The customer must approve the payment.
    Customer,
    /// The parcel must be dispatched.
    Dispatch,
    /// The parcel must be delivered.
    Delivery,
}

impl OrderView {
    pub(crate) fn of(order: &Order, caller: &Caller, sealer: &Sealer) -> Result<Self, Problem> {
        Ok(Self { summary: OrderSummary::of(order), details: OrderDetails::of(order, caller, sealer)? })
    }
}

impl ListedOrder {
    /// An order in the list of its customer's orders.
    pub(crate) fn of_customer(order: &Order, caller: &Caller, sealer: &Sealer) -> Result<Self, Problem> {
        let details = OrderDetails::of(order, caller, sealer)?;
        Ok(Self { summary: OrderSummary::of(order), details: Some(details) })
    }

    /// An order in the list of all orders of the shop.
    pub(crate) fn of_shop(order: &Order) -> Self {
        Self { summary: OrderSummary::of(order), details: None }
    }
}

impl OrderSummary {
    fn of(order: &Order) -> Self {
        let what = match order.status {
            Status::Placed => Some(Awaited::Stock),
            Status::Reserved if order.to_approve.is_some() => Some(Awaited::Customer),
            Status::Reserved => Some(Awaited::Payment),
            Status::Confirmed => Some(Awaited::Dispatch),
            Status::Shipped => Some(Awaited::Delivery),
            Status::Delivered | Status::Cancelled => None,
        };
        Self {
            id: order.id,
            status: order.status,
            reason: order.reason,
            waiting_for: what.zip(order.deadline).map(|(what, until)| Waiting { what, until: until.into() }),
            customer_id: order.customer,
            lines: order.lines.iter().cloned().map(OrderLineView::from).collect(),
            totals: order.totals.clone().into(),
            shipping_option: order.shipping_option.clone(),
            shipment_id: order.shipment,
            placed_at: order.placed_at.into(),
            updated_at: order.updated_at.into(),
        }
    }
}

impl OrderDetails {
    fn of(order: &Order, caller: &Caller, sealer: &Sealer) -> Result<Self, Problem> {
        Ok(Self {
            decline_reason: order.decline_code.as_deref().map(decline_reason),
            decline_code: order.decline_code.clone().filter(|_| caller.has(Role::Support)),
            note: order.note.as_ref().map(|note| sealer.open(NOTE, note)).transpose()?,
            payment_id: order.to_approve,
            ship_to: sealer.open(sealed_for::ADDRESS, &order.ship_to)?,
        })
    }
}

/// The sealing purpose of notes.
pub(crate) const NOTE: &str = "order-note";

/// Returns the order to its customer and to support. Any other caller gets 404.
pub(crate) fn visible(order: Option<Order>, caller: &Caller) -> Result<Order, Problem> {
    let principal = caller.principal()?;
    order
        .filter(|order| order.customer == principal || caller.has(Role::Support))
        .ok_or_else(|| Problem::not_found("order"))
}
