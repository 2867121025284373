//! Lambda: checkout / abandon-carts.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::abandon_carts::function)
}
