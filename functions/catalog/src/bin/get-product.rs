//! Lambda: catalog / get-product.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_product::function)
}
