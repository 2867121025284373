//! Lambda: catalog / suggest-products.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::suggest_products::function)
}
