//! Tests of the stack as a whole, and of what must agree in this repository.

mod gateway;
mod openapi;
mod pollers;
mod probe;
mod roles;
mod templates;
mod tidy;
