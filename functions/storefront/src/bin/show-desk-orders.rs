//! Lambda: storefront / show-desk-orders.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_orders::function)
}
