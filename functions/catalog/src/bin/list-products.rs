//! Lambda: catalog / list-products.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::list_products::function)
}
