//! Lambda: catalog / set-list-prices.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::set_list_prices::function)
}
