//! Lambda: catalog / create-category.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::create_category::function)
}
