//! Lambda: orders / sweep-deadlines.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::sweep_deadlines::function)
}
