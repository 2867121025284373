//! Lambda: catalog / get-import.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_import::function)
}
