//! Lambda: users / create-customer-group.

fn main() -> lambda::Exit {
    lambda::run(users::operations::create_customer_group::function)
}
