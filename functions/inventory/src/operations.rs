//! One file per operation, each a Lambda function of its own.

pub mod adjust_stock;
pub mod commit_stock;
pub mod expire_reservations;
pub mod get_stock;
pub mod list_replenishments;
pub mod list_stock;
pub mod receive_replenishment;
pub mod release_stock;
pub mod request_replenishment;
pub mod reserve_stock;
pub mod set_reorder_policy;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    adjust_stock::function,
    commit_stock::function,
    expire_reservations::function,
    get_stock::function,
    list_replenishments::function,
    list_stock::function,
    receive_replenishment::function,
    release_stock::function,
    request_replenishment::function,
    reserve_stock::function,
    set_reorder_policy::function,
    Function::relay,
    Function::republish,
];
