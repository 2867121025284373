//! Lambda: orders / advance-order.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::advance_order::function)
}
