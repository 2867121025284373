//! Lambda: catalog / index-product.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::index_product::function)
}
