//! Lambda: users / list-users.

fn main() -> lambda::Exit {
    lambda::run(users::operations::list_users::function)
}
