//! Tests of the stack as a whole, and of what must agree in this repository.

mod architecture;
mod edge;
mod gateway;
mod modules;
mod openapi;
mod pollers;
mod probe;
mod problems;
mod roles;
mod scenarios;
mod templates;
pub(crate) mod tidy;
mod watch;
