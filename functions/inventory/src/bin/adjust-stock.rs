//! Lambda: inventory / adjust-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::adjust_stock::function)
}
