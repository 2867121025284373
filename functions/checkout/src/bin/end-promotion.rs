//! Lambda: checkout / end-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::end_promotion::function)
}
