//! Lambda: checkout / preview-promotion.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::preview_promotion::function)
}
