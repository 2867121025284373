//! Lambda: storefront / show-registration.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_registration::function)
}
