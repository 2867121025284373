//! Lambda: payments / authorize-payment.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::authorize_payment::function)
}
