//! Lambda: payments / get-payment.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::get_payment::function)
}
