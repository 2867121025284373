//! Lambda: users / grant-admin.

fn main() -> lambda::Exit {
    lambda::run(users::operations::grant_admin::function)
}
