//! One file per operation, each a Lambda function of its own.

pub mod advance_order;
pub mod cancel_order;
pub mod close_merged_cart;
pub mod get_order;
pub mod get_order_history;
pub mod list_orders;
pub mod place_order;
pub mod project_quote_key;
pub mod sweep_deadlines;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    advance_order::function,
    cancel_order::function,
    close_merged_cart::function,
    get_order::function,
    get_order_history::function,
    list_orders::function,
    place_order::function,
    project_quote_key::function,
    sweep_deadlines::function,
    Function::relay,
    Function::republish,
];
