//! Lambda: storefront / get-picture.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::get_picture::function)
}
