//! What `delivery` states.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{OrderId, Sealed, ShipmentId, UserId};

/// A parcel waits for its courier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentScheduled {
    /// Which.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
}

/// A courier was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CourierAssigned {
    /// Of which shipment.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
    /// Who.
    pub courier: UserId,
}

/// The parcel left the house: stock is gone and the payment can be captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDispatched {
    /// Which.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
    /// Who carries it.
    pub courier: UserId,
}

/// The customer has the parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentDelivered {
    /// Which.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
    /// When.
    pub at: Timestamp,
}

/// An attempt to deliver failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryFailed {
    /// Of which shipment.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
    /// Why, in the courier's words: they may name somebody.
    pub reason: Sealed<String>,
    /// How many attempts have failed, this one included.
    pub attempts: u32,
    /// Whether no further attempt will be made and the parcel comes back.
    pub last: bool,
}

/// A shipment was called off before it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentCancelled {
    /// Which.
    pub shipment: ShipmentId,
    /// For which order.
    pub order: OrderId,
}

/// A shipment that was under way was called back, because its order was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentRecalled {
    /// Which.
    pub shipment: ShipmentId,
    /// For which order.
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
