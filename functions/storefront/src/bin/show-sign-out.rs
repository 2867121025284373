//! Lambda: storefront / show-sign-out.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_sign_out::function)
}
