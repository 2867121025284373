//! Lambda: users / remove-payment-method.

fn main() -> lambda::Exit {
    lambda::run(users::operations::remove_payment_method::function)
}
