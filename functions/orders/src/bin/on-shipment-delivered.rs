//! Lambda: orders / on-shipment-delivered.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_shipment_delivered::function)
}
