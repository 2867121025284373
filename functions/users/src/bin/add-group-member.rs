//! Lambda: users / add-group-member.

fn main() -> lambda::Exit {
    lambda::run(users::operations::add_group_member::function)
}
