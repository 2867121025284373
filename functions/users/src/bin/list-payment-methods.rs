//! Lambda: users / list-payment-methods.

fn main() -> lambda::Exit {
    lambda::run(users::operations::list_payment_methods::function)
}
