//! Lambda: delivery / cancel-shipment.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::cancel_shipment::function)
}
