//! Lambda: users / authorize.

fn main() -> lambda::Exit {
    lambda::run(users::operations::authorize::function)
}
