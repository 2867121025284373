//! Lambda: catalog / set-price.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::set_price::function)
}
