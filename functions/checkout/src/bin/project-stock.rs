//! Lambda: checkout / project-stock.

fn main() -> lambda::Exit {
    lambda::run(checkout::operations::project_stock::function)
}
