//! Lambda: delivery / fail-delivery.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::fail_delivery::function)
}
