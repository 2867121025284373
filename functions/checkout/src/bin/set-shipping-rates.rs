//! Lambda: checkout / set-shipping-rates.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::set_shipping_rates::function)
}
