//! Lambda: orders / on-shipment-dispatched.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_shipment_dispatched::function)
}
