//! Lambda: inventory / reserve-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::reserve_stock::function)
}
