//! The engine as a whole.

mod finding;
mod golden;
mod shop;
