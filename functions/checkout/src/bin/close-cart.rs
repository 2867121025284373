//! Lambda: checkout / close-cart.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::close_cart::function)
}
