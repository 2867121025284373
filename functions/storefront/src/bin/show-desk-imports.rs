//! Lambda: storefront / show-desk-imports.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_desk_imports::function)
}
