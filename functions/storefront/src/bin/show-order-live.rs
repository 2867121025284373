//! Lambda: storefront / show-order-live.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_order_live::function)
}
