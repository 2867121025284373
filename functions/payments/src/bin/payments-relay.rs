//! Lambda: payments / payments-relay.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::payments_relay::function)
}
