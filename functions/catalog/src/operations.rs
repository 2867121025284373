//! One file per operation, each a Lambda function of its own.

pub mod archive_product;
pub mod catalog_relay;
pub mod catalog_republish;
pub mod create_category;
pub mod create_product;
pub mod get_import;
pub mod get_product;
pub mod import_chunk;
pub mod import_products;
pub mod list_categories;
pub mod list_products;
pub mod resume_imports;
pub mod set_price;
pub mod update_product;
