//! Lambda: storefront / show-support-order.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_support_order::function)
}
