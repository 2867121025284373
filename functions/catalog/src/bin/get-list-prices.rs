//! Lambda: catalog / get-list-prices.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_list_prices::function)
}
