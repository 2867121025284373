//! Lambda: catalog / snapshot-search.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::snapshot_search::function)
}
