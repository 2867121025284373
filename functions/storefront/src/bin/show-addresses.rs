//! Lambda: storefront / show-addresses.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_addresses::function)
}
