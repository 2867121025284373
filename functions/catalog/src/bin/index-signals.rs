//! Lambda: catalog / index-signals.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::index_signals::function)
}
