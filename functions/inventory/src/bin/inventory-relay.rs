//! Lambda: inventory / inventory-relay.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::inventory_relay::function)
}
