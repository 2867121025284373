//! Lambda: users / list-customer-groups.

fn main() -> lambda::Exit {
    lambda::run(users::operations::list_customer_groups::function)
}
