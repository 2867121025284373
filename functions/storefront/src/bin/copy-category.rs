//! Lambda: storefront / copy-category.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::copy_category::function)
}
