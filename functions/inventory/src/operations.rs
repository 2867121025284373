//! One file per operation, each a Lambda function of its own.

pub mod adjust_stock;
pub mod commit_stock;
pub mod expire_reservations;
pub mod get_stock;
pub mod inventory_relay;
pub mod inventory_republish;
pub mod list_replenishments;
pub mod list_stock;
pub mod receive_replenishment;
pub mod release_stock;
pub mod request_replenishment;
pub mod reserve_stock;
pub mod set_reorder_policy;
