//! Lambda: checkout / checkout-relay.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::checkout_relay::function)
}
