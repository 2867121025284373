//! Lambda: catalog / get-price-list.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_price_list::function)
}
