//! Lambda: delivery / assign-courier.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::assign_courier::function)
}
