//! Tests of the invariants: the real functions, the real SDK and the emulators, with faults drawn from a choice
//! sequence.

mod actors;
pub mod bugs;
mod buyer;
mod caller;
mod carts;
pub mod choices;
pub mod contention;
mod counter;
mod created;
mod executor;
mod faults;
mod flood;
mod invocation;
pub mod kills;
mod lists;
pub mod matrix;
mod observed;
mod partial;
mod plain;
mod pollers;
mod prices;
mod promotions;
pub mod proof;
mod provider;
mod quiescence;
mod replay;
pub mod run;
pub mod sagas;
mod scenarios;
mod search;
mod shrink;
mod steps;
#[cfg(test)]
mod tests;
mod time;
mod transport;
pub mod world;
