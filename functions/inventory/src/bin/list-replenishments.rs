//! Lambda: inventory / list-replenishments.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::list_replenishments::function)
}
