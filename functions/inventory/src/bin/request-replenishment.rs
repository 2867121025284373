//! Lambda: inventory / request-replenishment.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::request_replenishment::function)
}
