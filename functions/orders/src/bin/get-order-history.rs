//! Lambda: orders / get-order-history.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::get_order_history::function)
}
