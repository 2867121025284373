//! Lambda: checkout / lapse-redemptions.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::lapse_redemptions::function)
}
