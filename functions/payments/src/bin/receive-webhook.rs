//! Lambda: payments / receive-webhook.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::receive_webhook::function)
}
