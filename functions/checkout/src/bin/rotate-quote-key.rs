//! Lambda: checkout / rotate-quote-key.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::rotate_quote_key::function)
}
