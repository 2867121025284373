//! Lambda: inventory / inventory-republish.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::inventory_republish::function)
}
