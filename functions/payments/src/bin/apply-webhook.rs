//! Lambda: payments / apply-webhook.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::apply_webhook::function)
}
