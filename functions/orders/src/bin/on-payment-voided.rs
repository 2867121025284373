//! Lambda: orders / on-payment-voided.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_payment_voided::function)
}
