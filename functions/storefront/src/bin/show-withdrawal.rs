//! Lambda: storefront / show-withdrawal.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_withdrawal::function)
}
