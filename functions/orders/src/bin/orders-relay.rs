//! Lambda: orders / orders-relay.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::orders_relay::function)
}
