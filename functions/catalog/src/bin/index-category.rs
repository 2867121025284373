//! Lambda: catalog / index-category.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::index_category::function)
}
