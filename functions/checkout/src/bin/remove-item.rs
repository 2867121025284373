//! Lambda: checkout / remove-item.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::remove_item::function)
}
