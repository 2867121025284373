//! Lambda: catalog / catalog-republish.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::catalog_republish::function)
}
