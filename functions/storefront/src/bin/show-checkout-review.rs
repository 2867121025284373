//! Lambda: storefront / show-checkout-review.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_checkout_review::function)
}
