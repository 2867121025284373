//! Put the service's old events on the bus again.

fn main() -> lambda::Exit {
    lambda::run(lambda::Function::republish)
}
