//! Lambda: payments / payments-republish.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::payments_republish::function)
}
