//! Lambda: storefront / show-checkout-address.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_checkout_address::function)
}
