//! Lambda: storefront / get-robots.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::get_robots::function)
}
