//! Lambda: storefront / get-sitemap.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::get_sitemap::function)
}
