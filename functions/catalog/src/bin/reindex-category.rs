//! Lambda: catalog / reindex-category.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::reindex_category::function)
}
