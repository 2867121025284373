//! Lambda: storefront / show-delivery.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_delivery::function)
}
