//! Lambda: checkout / get-quote-keys.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::get_quote_keys::function)
}
