//! Lambda: checkout / create-quote.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::create_quote::function)
}
