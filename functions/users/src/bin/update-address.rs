//! Lambda: users / update-address.

fn main() -> lambda::Exit {
    lambda::run(users::operations::update_address::function)
}
