//! Lambda: storefront / show-terms.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_terms::function)
}
