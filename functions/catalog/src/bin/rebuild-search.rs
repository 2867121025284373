//! Lambda: catalog / rebuild-search.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::rebuild_search::function)
}
