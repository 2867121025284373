//! Lambda: storefront / show-order.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_order::function)
}
