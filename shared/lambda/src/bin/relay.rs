//! Put the service's new events on the bus.

fn main() -> lambda::Exit {
    lambda::run(lambda::Function::relay)
}
