//! Lambda: catalog / update-product.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::update_product::function)
}
