//! Lambda: checkout / set-tax-rates.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::set_tax_rates::function)
}
