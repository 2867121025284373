//! Lambda: orders / on-payment-declined.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_payment_declined::function)
}
