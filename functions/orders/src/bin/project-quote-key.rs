//! Lambda: orders / project-quote-key.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::project_quote_key::function)
}
