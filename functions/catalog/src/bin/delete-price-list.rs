//! Lambda: catalog / delete-price-list.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::delete_price_list::function)
}
