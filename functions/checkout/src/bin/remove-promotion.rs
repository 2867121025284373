//! Lambda: checkout / remove-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::remove_promotion::function)
}
