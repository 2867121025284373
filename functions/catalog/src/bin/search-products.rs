//! Lambda: catalog / search-products.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::search_products::function)
}
