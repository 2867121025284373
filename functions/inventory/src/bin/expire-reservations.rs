//! Lambda: inventory / expire-reservations.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::expire_reservations::function)
}
