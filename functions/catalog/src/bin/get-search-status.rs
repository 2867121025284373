//! Lambda: catalog / get-search-status.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_search_status::function)
}
