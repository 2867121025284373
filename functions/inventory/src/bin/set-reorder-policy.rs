//! Lambda: inventory / set-reorder-policy.

fn main() -> lambda::Exit {
    lambda::run(inventory::operations::set_reorder_policy::function)
}
