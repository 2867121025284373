//! Lambda: catalog / get-import-adjustments.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::get_import_adjustments::function)
}
