//! Lambda: catalog / archive-product.

fn main() -> lambda::Exit {
    lambda::run(catalog::operations::archive_product::function)
}
