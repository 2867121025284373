//! Lambda: delivery / get-shipment.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::get_shipment::function)
}
