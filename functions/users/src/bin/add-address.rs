//! Lambda: users / add-address.

fn main() -> lambda::Exit {
    lambda::run(users::operations::add_address::function)
}
