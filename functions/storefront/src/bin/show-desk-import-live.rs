//! Lambda: storefront / show-desk-import-live.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_import_live::function)
}
