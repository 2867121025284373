//! Lambda: checkout / list-shipping-options.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::list_shipping_options::function)
}
