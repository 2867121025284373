//! Lambda: storefront / show-payment-methods.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_payment_methods::function)
}
