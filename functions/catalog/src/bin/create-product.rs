//! Lambda: catalog / create-product.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::create_product::function)
}
