//! Lambda: users / users-republish.

fn main() -> lambda::Exit {
    lambda::run(users::operations::users_republish::function)
}
