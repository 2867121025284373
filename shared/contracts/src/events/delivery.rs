//! The events of `delivery`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{OrderId, Sealed, ShipmentId, UserId};

/// A shipment was scheduled and needs a courier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentScheduled {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
}

/// A courier was assigned to a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CourierAssigned {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// The courier.
    pub courier: UserId,
}

/// The parcel was dispatched. The reserved stock is sold, and the payment can be captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDispatched {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// The courier.
    pub courier: UserId,
}

/// The parcel was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDelivered {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// The time of the delivery.
    pub at: Timestamp,
}

/// A delivery attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryFailed {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// The courier's reason. It is sealed because it may contain personal data.
    pub reason: Sealed<String>,
    /// The number of failed attempts, including this one.
    pub attempts: u32,
    /// Whether this was the last attempt. The parcel then returns.
    pub last: bool,
}

/// A shipment was cancelled before dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCancelled {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
}

/// A dispatched shipment was recalled because its order was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentRecalled {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The order.
    pub order: OrderId,
}

super::events! { "souk.delivery":
    ShipmentScheduled = "ShipmentScheduled.v1",
    CourierAssigned = "CourierAssigned.v1",
    ShipmentDispatched = "ShipmentDispatched.v1",
    ShipmentDelivered = "ShipmentDelivered.v1",
    DeliveryFailed = "DeliveryFailed.v1",
    ShipmentCancelled = "ShipmentCancelled.v1",
    ShipmentRecalled = "ShipmentRecalled.v1",
}
