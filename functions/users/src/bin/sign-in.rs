//! Lambda: users / sign-in.

fn main() -> lambda::Exit {
    lambda::run(users::operations::sign_in::function)
}
