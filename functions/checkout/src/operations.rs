//! One file per operation, each a Lambda function of its own.

pub mod abandon_carts;
pub mod apply_promotion;
pub mod checkout_relay;
pub mod checkout_republish;
pub mod close_cart;
pub mod create_cart;
pub mod create_promotion;
pub mod create_quote;
pub mod end_promotion;
pub mod get_cart;
pub mod get_quote_keys;
pub mod list_promotions;
pub mod list_shipping_options;
pub mod merge_cart;
pub mod project_product;
pub mod project_stock;
pub mod put_item;
pub mod remove_item;
pub mod remove_promotion;
pub mod rotate_quote_key;
pub mod set_shipping;
pub mod set_shipping_rates;
pub mod set_tax_rates;
