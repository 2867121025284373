//! Lambda: storefront / get-import-errors.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::get_import_errors::function)
}
