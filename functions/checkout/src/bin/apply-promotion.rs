//! Lambda: checkout / apply-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::apply_promotion::function)
}
