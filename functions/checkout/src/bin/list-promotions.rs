//! Lambda: checkout / list-promotions.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::list_promotions::function)
}
