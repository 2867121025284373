//! Lambda: delivery / delivery-republish.

fn main() -> lambda::Exit {
    lambda::run(delivery::operations::delivery_republish::function)
}
