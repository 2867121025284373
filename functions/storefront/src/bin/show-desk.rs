//! Lambda: storefront / show-desk.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk::function)
}
