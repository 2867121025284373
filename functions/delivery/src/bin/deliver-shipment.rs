//! Lambda: delivery / deliver-shipment.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::deliver_shipment::function)
}
