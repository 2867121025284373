//! Lambda: storefront / show-sign-in.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_sign_in::function)
}
