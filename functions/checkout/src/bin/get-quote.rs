//! Lambda: checkout / get-quote.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::get_quote::function)
}
