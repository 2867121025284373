//! Lambda: users / add-payment-method.

fn main() -> lambda::Exit {
    lambda::run(users::operations::add_payment_method::function)
}
