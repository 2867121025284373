//! Lambda: inventory / commit-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::commit_stock::function)
}
