//! Lambda: users / remove-address.

fn main() -> lambda::Exit {
    lambda::run(users::operations::remove_address::function)
}
