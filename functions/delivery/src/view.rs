//! Shipments as callers see them.

use contracts::{OrderId, ShipmentId, UserId};
use lambda::Time;
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
    courier_id: Option<UserId>,
    /// The number of failed delivery attempts.
    attempts: u32,
    shipping_option: String,
    scheduled_at: Time,
    /// The deadline for dispatch. The order is cancelled if the shipment has not been dispatched by then.
    dispatch_by: Time,
    delivered_at: Option<Time>,
}

impl ShipmentView {
    pub(crate) fn of(shipment: &Shipment) -> Self {
        Self {
            id: shipment.id,
            order_id: shipment.order,
            status: shipment.status,
            courier_id: shipment.courier,
            attempts: shipment.attempts,
            shipping_option: shipment.shipping_option.clone(),
            scheduled_at: shipment.scheduled_at.into(),
            dispatch_by: shipment.dispatch_by.into(),
            delivered_at: shipment.delivered_at.map(Time::from),
        }
    }
}
