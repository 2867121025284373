//! Lambda: inventory / list-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::list_stock::function)
}
