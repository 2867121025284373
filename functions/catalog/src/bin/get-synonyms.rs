//! Lambda: catalog / get-synonyms.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_synonyms::function)
}
