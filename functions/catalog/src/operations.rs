//! One file per operation, each a Lambda function of its own.

pub mod archive_product;
pub mod create_category;
pub mod create_price_list;
pub mod create_product;
pub mod delete_price_list;
pub mod get_import;
pub mod get_import_adjustments;
pub mod get_list_prices;
pub mod get_price_list;
pub mod get_product;
pub mod import_chunk;
pub mod import_products;
pub mod list_categories;
pub mod list_price_lists;
pub mod list_products;
pub mod resume_imports;
pub mod set_list_prices;
pub mod set_price;
pub mod update_price_list;
pub mod update_product;

use lambda::Function;

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    archive_product::function,
    create_category::function,
    create_price_list::function,
    create_product::function,
    delete_price_list::function,
    get_import::function,
    get_import_adjustments::function,
    get_list_prices::function,
    get_price_list::function,
    get_product::function,
    import_chunk::function,
    import_products::function,
    list_categories::function,
    list_price_lists::function,
    list_products::function,
    resume_imports::function,
    set_list_prices::function,
    set_price::function,
    update_price_list::function,
    update_product::function,
    Function::relay,
    Function::republish,
];
