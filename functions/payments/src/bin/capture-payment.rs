//! Lambda: payments / capture-payment.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::capture_payment::function)
}
