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
pub mod get_search_status;
pub mod get_synonyms;
pub mod import_chunk;
pub mod import_products;
pub mod index_category;
pub mod index_product;
pub mod index_signals;
pub mod list_categories;
pub mod list_price_lists;
pub mod list_products;
pub mod rebuild_search;
pub mod reindex_category;
pub mod resume_imports;
pub mod search_products;
pub mod set_list_prices;
pub mod set_price;
pub mod set_synonyms;
pub mod snapshot_search;
pub mod suggest_products;
pub mod update_category;
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
    get_search_status::function,
    get_synonyms::function,
    import_chunk::function,
    import_products::function,
    index_category::function,
    index_product::function,
    index_signals::function,
    list_categories::function,
    list_price_lists::function,
    list_products::function,
    rebuild_search::function,
    reindex_category::function,
    resume_imports::function,
    search_products::function,
    set_list_prices::function,
    set_price::function,
    set_synonyms::function,
    snapshot_search::function,
    suggest_products::function,
    update_category::function,
    update_price_list::function,
    update_product::function,
    Function::relay,
    Function::republish,
];
