//! Lambda: inventory / receive-replenishment.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::receive_replenishment::function)
}
