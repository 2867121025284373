//! Lambda: orders / orders-republish.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::orders_republish::function)
}
