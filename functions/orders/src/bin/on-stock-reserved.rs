//! Lambda: orders / on-stock-reserved.

fn main() -> lambda::Exit {
    lambda::run(orders::operations::on_stock_reserved::function)
}
