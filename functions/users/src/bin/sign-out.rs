//! Lambda: users / sign-out.

fn main() -> lambda::Exit {
    lambda::run(users::operations::sign_out::function)
}
