//! Lambda: storefront / show-basket.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_basket::function)
}
