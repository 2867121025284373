//! Lambda: checkout / update-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::update_promotion::function)
}
