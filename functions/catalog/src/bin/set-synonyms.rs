//! Lambda: catalog / set-synonyms.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::set_synonyms::function)
}
