//! Lambda: checkout / checkout-republish.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::checkout_republish::function)
}
