//! Lambda: checkout / create-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::create_promotion::function)
}
