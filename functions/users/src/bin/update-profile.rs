//! Lambda: users / update-profile.

fn main() -> lambda::Exit {
    lambda::run(users::operations::update_profile::function)
}
