//! Lambda: catalog / list-price-lists.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::list_price_lists::function)
}
