//! Lambda: checkout / get-cart.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::get_cart::function)
}
