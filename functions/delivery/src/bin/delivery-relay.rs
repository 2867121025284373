//! Lambda: delivery / delivery-relay.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::delivery_relay::function)
}
