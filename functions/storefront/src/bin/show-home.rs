//! Lambda: storefront / show-home.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_home::function)
}
