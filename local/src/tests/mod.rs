//! Tests of the stack as a whole.

mod gateway;
mod pollers;
mod probe;
