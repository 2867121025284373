//! Lambda: users / get-jwks.

fn main() -> lambda::Exit {
    lambda::run(users::operations::get_jwks::function)
}
