//! Lambda: catalog / list-categories.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::list_categories::function)
}
