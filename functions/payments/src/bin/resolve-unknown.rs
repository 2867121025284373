//! Lambda: payments / resolve-unknown.

fn main() -> lambda::Exit {
    lambda::run(payments::operations::resolve_unknown::function)
}
