//! Lambda: checkout / merge-cart.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::merge_cart::function)
}
