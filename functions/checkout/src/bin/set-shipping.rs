//! Lambda: checkout / set-shipping.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::set_shipping::function)
}
