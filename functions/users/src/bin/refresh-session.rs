//! Lambda: users / refresh-session.

fn main() -> lambda::Exit {
    lambda::run(users::operations::refresh_session::function)
}
