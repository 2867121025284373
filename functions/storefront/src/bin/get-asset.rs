//! Lambda: storefront / get-asset.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::get_asset::function)
}
