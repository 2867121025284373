//! One file per operation, each a Lambda function of its own.

pub mod apply_webhook;
pub mod authorize_payment;
pub mod capture_payment;
pub mod confirm_payment;
pub mod get_payment;
pub mod list_payments;
pub mod receive_webhook;
pub mod refund_payment;
pub mod resolve_unknown;
pub mod void_or_refund;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    apply_webhook::function,
    authorize_payment::function,
    capture_payment::function,
    confirm_payment::function,
    get_payment::function,
    list_payments::function,
    receive_webhook::function,
    refund_payment::function,
    resolve_unknown::function,
    void_or_refund::function,
    Function::relay,
    Function::republish,
];
