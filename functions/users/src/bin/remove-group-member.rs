//! Lambda: users / remove-group-member.

fn main() -> lambda::Exit {
    lambda::run(users::operations::remove_group_member::function)
}
