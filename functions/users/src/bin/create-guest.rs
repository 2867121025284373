//! Lambda: users / create-guest.

fn main() -> lambda::Exit {
    lambda::run(users::operations::create_guest::function)
}
