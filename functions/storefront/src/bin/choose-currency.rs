//! Lambda: storefront / choose-currency.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::choose_currency::function)
}
