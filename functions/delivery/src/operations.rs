//! One file per operation, each a Lambda function of its own.

pub mod assign_courier;
pub mod cancel_shipment;
pub mod deliver_shipment;
pub mod delivery_relay;
pub mod delivery_republish;
pub mod dispatch_shipment;
pub mod fail_delivery;
pub mod get_shipment;
pub mod list_shipments;
pub mod schedule_shipment;
