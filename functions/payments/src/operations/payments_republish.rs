//! Put the service's old events on the bus again.

use lambda::Function;

/// This function.
pub fn function() -> Function {
    Function::republish("payments-republish")
}
