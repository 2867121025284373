//! Lambda: storefront / show-checkout-shipping.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_checkout_shipping::function)
}
