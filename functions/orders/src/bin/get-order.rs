//! Lambda: orders / get-order.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::get_order::function)
}
