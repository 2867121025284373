//! Lambda: storefront / show-checkout-payment.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_checkout_payment::function)
}
