//! Lambda: orders / place-order.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::place_order::function)
}
