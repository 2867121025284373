//! Lambda: storefront / show-deliveries.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_deliveries::function)
}
