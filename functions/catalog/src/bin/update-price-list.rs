//! Lambda: catalog / update-price-list.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::update_price_list::function)
}
