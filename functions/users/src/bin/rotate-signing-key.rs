//! Lambda: users / rotate-signing-key.

fn main() -> lambda::Exit {
    lambda::run(users::operations::rotate_signing_key::function)
}
