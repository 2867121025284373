//! Lambda: storefront / show-desk-products.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_products::function)
}
