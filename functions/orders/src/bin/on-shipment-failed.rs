//! Lambda: orders / on-shipment-failed.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_shipment_failed::function)
}
