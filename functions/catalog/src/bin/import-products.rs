//! Lambda: catalog / import-products.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::import_products::function)
}
