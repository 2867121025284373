//! Lambda: storefront / show-desk-product.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_product::function)
}
