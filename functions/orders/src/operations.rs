//! One file per operation, each a Lambda function of its own.

pub mod cancel_order;
pub mod get_order;
pub mod get_order_history;
pub mod list_orders;
pub mod on_payment_authorized;
pub mod on_payment_declined;
pub mod on_payment_voided;
pub mod on_shipment_delivered;
pub mod on_shipment_dispatched;
pub mod on_shipment_failed;
pub mod on_stock_rejected;
pub mod on_stock_reserved;
pub mod orders_relay;
pub mod orders_republish;
pub mod place_order;
pub mod project_quote_key;
pub mod sweep_deadlines;
