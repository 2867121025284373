//! Lambda: orders / list-orders.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::list_orders::function)
}
