//! Lambda: delivery / schedule-shipment.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::schedule_shipment::function)
}
