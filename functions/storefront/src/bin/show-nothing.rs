//! Lambda: storefront / show-nothing.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_nothing::function)
}
