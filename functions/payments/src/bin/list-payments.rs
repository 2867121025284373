//! Lambda: payments / list-payments.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::list_payments::function)
}
