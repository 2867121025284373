//! Lambda: users / get-profile.

fn main() -> lambda::Exit {
    lambda::run(users::operations::get_profile::function)
}
