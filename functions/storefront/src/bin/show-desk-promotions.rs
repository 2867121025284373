//! Lambda: storefront / show-desk-promotions.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_promotions::function)
}
