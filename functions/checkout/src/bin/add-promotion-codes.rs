//! Lambda: checkout / add-promotion-codes.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::add_promotion_codes::function)
}
