//! Put the service's new events on the bus.

use lambda::Function;

/// This function.
pub fn function() -> Function {
    Function::relay("payments-relay")
}
