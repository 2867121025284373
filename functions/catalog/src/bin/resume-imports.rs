//! Lambda: catalog / resume-imports.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::resume_imports::function)
}
