//! Lambda: storefront / show-sessions.

fn main() -> lambda::Exit {
    lambda::run(storefront::operations::show_sessions::function)
}
