//! Lambda: users / set-roles.

fn main() -> lambda::Exit {
    lambda::run(users::operations::set_roles::function)
}
