//! Lambda: orders / on-payment-authorized.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_payment_authorized::function)
}
