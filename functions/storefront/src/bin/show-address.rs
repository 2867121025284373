//! Lambda: storefront / show-address.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_address::function)
}
