//! One file per operation, each a Lambda function of its own.

pub mod apply_webhook;
pub mod authorize_payment;
pub mod capture_payment;
pub mod get_payment;
pub mod list_payments;
pub mod payments_relay;
pub mod payments_republish;
pub mod receive_webhook;
pub mod refund_payment;
pub mod resolve_unknown;
pub mod void_or_refund;
