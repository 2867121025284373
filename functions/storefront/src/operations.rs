//! One file per operation, each a Lambda function of its own. A page and the form on it are one operation.

pub mod choose_currency;
pub mod copy_category;
pub mod copy_product;
pub mod copy_stock;
pub mod get_asset;
pub mod get_import_errors;
pub mod get_picture;
pub mod get_robots;
pub mod get_sitemap;
pub mod show_account;
pub mod show_address;
pub mod show_addresses;
pub mod show_basket;
pub mod show_checkout_address;
pub mod show_checkout_payment;
pub mod show_checkout_review;
pub mod show_checkout_shipping;
pub mod show_deliveries;
pub mod show_delivery;
pub mod show_desk;
pub mod show_desk_import;
pub mod show_desk_import_live;
pub mod show_desk_imports;
pub mod show_desk_orders;
pub mod show_desk_product;
pub mod show_desk_products;
pub mod show_desk_promotion;
pub mod show_desk_promotions;
pub mod show_home;
pub mod show_listing;
pub mod show_nothing;
pub mod show_order;
pub mod show_order_live;
pub mod show_orders;
pub mod show_payment_methods;
pub mod show_product;
pub mod show_registration;
pub mod show_sessions;
pub mod show_sign_in;
pub mod show_sign_out;
pub mod show_support;
pub mod show_support_order;
pub mod show_terms;
pub mod show_withdrawal;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    choose_currency::function,
    copy_category::function,
    copy_product::function,
    copy_stock::function,
    get_asset::function,
    get_import_errors::function,
    get_picture::function,
    get_robots::function,
    get_sitemap::function,
    show_account::function,
    show_address::function,
    show_addresses::function,
    show_basket::function,
    show_checkout_address::function,
    show_checkout_payment::function,
    show_checkout_review::function,
    show_checkout_shipping::function,
    show_deliveries::function,
    show_delivery::function,
    show_desk::function,
    show_desk_import::function,
    show_desk_import_live::function,
    show_desk_imports::function,
    show_desk_orders::function,
    show_desk_product::function,
    show_desk_products::function,
    show_desk_promotion::function,
    show_desk_promotions::function,
    show_home::function,
    show_listing::function,
    show_nothing::function,
    show_order::function,
    show_order_live::function,
    show_orders::function,
    show_payment_methods::function,
    show_product::function,
    show_registration::function,
    show_sessions::function,
    show_sign_in::function,
    show_sign_out::function,
    show_support::function,
    show_support_order::function,
    show_terms::function,
    show_withdrawal::function,
];
