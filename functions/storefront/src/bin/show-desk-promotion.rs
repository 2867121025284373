//! Lambda: storefront / show-desk-promotion.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_promotion::function)
}
