//! Lambda: catalog / update-category.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::update_category::function)
}
