//! Lambda: catalog / catalog-relay.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::catalog_relay::function)
}
