//! Lambda: catalog / create-price-list.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::create_price_list::function)
}
