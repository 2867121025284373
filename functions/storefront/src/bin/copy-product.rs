//! Lambda: storefront / copy-product.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::copy_product::function)
}
