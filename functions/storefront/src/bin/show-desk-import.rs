//! Lambda: storefront / show-desk-import.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_import::function)
}
