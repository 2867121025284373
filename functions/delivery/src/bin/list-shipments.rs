//! Lambda: delivery / list-shipments.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::list_shipments::function)
}
