//! Lambda: payments / void-or-refund.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::void_or_refund::function)
}
