//! Lambda: storefront / show-product.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_product::function)
}
