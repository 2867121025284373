//! Lambda: storefront / show-orders.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_orders::function)
}
