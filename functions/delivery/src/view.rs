//! Shipments as callers see them.

use contracts::{OrderId, ShipmentId, UserId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::shipment::{Shipment, Status};

/// The sealing purpose of the reasons of failed attempts.
pub(crate) const REASON: &str = "delivery-reason";

/// A shipment, without its address.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShipmentView {
    id: ShipmentId,
    order_id: OrderId,
    status: Status,
    /// The courier, once assigned.
    courier: Option<UserId>,
    /// The number of failed delivery attempts.
    attempts: u32,
    shipping_option: String,
    scheduled_at: Timestamp,
    /// The deadline for dispatch. The order is cancelled if the shipment has not been dispatched by then.
    dispatch_by: Timestamp,
    delivered_at: Option<Timestamp>,
}

impl ShipmentView {
    pub(crate) fn of(shipment: &Shipment) -> Self {
        Self {
            id: shipment.id,
            order_id: shipment.order,
            status: shipment.status,
            courier: shipment.courier,
            attempts: shipment.attempts,
            shipping_option: shipment.shipping_option.clone(),
            scheduled_at: shipment.scheduled_at,
            dispatch_by: shipment.dispatch_by,
            delivered_at: shipment.delivered_at,
        }
    }
}
