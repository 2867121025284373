//! Lambda: orders / cancel-order.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::cancel_order::function)
}
