//! The proof of what never breaks: the real functions, the real SDK and the emulators, with faults drawn from a tape.

mod actors;
pub mod bugs;
mod caller;
mod deliveries;
mod executor;
mod fates;
mod flood;
mod invocation;
pub mod kills;
pub mod matrix;
mod observed;
mod partial;
mod plain;
pub mod proof;
mod provider;
mod replay;
mod rest;
pub mod rush;
pub mod sagas;
mod scenarios;
pub mod scene;
mod seam;
mod shrink;
mod steps;
pub mod tape;
#[cfg(test)]
mod tests;
pub mod world;
