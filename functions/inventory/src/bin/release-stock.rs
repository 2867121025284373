//! Lambda: inventory / release-stock.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::release_stock::function)
}
