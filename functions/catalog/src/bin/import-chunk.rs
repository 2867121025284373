//! Lambda: catalog / import-chunk.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::import_chunk::function)
}
