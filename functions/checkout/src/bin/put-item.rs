//! Lambda: checkout / put-item.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::put_item::function)
}
