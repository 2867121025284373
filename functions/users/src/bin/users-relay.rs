//! Lambda: users / users-relay.

fn main() -> lambda::Exit {
    lambda::run(users::operations::users_relay::function)
}
