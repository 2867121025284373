//! Lambda: storefront / show-listing.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_listing::function)
}
