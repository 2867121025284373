//! Lambda: checkout / create-cart.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::create_cart::function)
}
