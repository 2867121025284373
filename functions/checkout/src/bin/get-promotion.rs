//! Lambda: checkout / get-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::get_promotion::function)
}
