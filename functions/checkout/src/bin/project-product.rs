//! Lambda: checkout / project-product.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::project_product::function)
}
