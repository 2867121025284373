//! Lambda: payments / confirm-payment.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::confirm_payment::function)
}
