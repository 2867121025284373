//! One file per operation, each a Lambda function of its own.

pub mod abandon_carts;
pub mod add_promotion_codes;
pub mod apply_promotion;
pub mod close_cart;
pub mod create_cart;
pub mod create_promotion;
pub mod create_quote;
pub mod end_promotion;
pub mod get_cart;
pub mod get_promotion;
pub mod get_quote;
pub mod get_quote_keys;
pub mod lapse_redemptions;
pub mod list_promotions;
pub mod list_shipping_options;
pub mod merge_cart;
pub mod preview_promotion;
pub mod project_product;
pub mod project_stock;
pub mod put_item;
pub mod remove_item;
pub mod remove_promotion;
pub mod reopen_cart;
pub mod rotate_quote_key;
pub mod set_shipping;
pub mod set_shipping_rates;
pub mod set_tax_rates;
pub mod update_promotion;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    abandon_carts::function,
    add_promotion_codes::function,
    apply_promotion::function,
    close_cart::function,
    create_cart::function,
    create_promotion::function,
    create_quote::function,
    end_promotion::function,
    get_cart::function,
    get_promotion::function,
    get_quote::function,
    get_quote_keys::function,
    lapse_redemptions::function,
    list_promotions::function,
    list_shipping_options::function,
    merge_cart::function,
    preview_promotion::function,
    project_product::function,
    project_stock::function,
    put_item::function,
    remove_item::function,
    remove_promotion::function,
    reopen_cart::function,
    rotate_quote_key::function,
    set_shipping::function,
    set_shipping_rates::function,
    set_tax_rates::function,
    update_promotion::function,
    Function::relay,
    Function::republish,
];
