//! Lambda: storefront / show-account.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_account::function)
}
