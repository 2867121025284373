//! Lambda: storefront / copy-stock.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::copy_stock::function)
}
