//! Lambda: users / list-addresses.

fn main() -> lambda::Exit {
    lambda::run(users::operations::list_addresses::function)
}
