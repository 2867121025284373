//! Lambda: orders / on-stock-rejected.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_stock_rejected::function)
}
