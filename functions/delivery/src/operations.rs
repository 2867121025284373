//! One file per operation, each a Lambda function of its own.

pub mod assign_courier;
pub mod cancel_shipment;
pub mod deliver_shipment;
pub mod dispatch_shipment;
pub mod fail_delivery;
pub mod get_shipment;
pub mod list_shipments;
pub mod schedule_shipment;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    assign_courier::function,
    cancel_shipment::function,
    deliver_shipment::function,
    dispatch_shipment::function,
    fail_delivery::function,
    get_shipment::function,
    list_shipments::function,
    schedule_shipment::function,
    Function::relay,
    Function::republish,
];
