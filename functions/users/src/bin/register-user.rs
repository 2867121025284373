//! Lambda: users / register-user.

fn main() -> lambda::Exit {
    lambda::run(users::operations::register_user::function)
}
