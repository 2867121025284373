//! Lambda: storefront / show-support.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_support::function)
}
