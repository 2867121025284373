//! Lambda: checkout / reopen-cart.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::reopen_cart::function)
}
