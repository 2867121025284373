//! Lambda: delivery / dispatch-shipment.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::dispatch_shipment::function)
}
