//! Lambda: orders / close-merged-cart.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::close_merged_cart::function)
}
