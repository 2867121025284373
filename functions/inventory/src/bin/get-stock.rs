//! Lambda: inventory / get-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::get_stock::function)
}
