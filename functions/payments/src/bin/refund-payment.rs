//! Lambda: payments / refund-payment.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::refund_payment::function)
}
