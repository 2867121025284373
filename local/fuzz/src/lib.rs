//! What a stranger can hand to Souk, thrown at it: one function a target, which panics where something does not hold.
//!
//! `cargo test -p fuzz` throws the samples, the corpus and what is near them; `bash .ci/run fuzz` lets cargo-fuzz go on
//! from there. What it finds goes into `corpus/<target>/`, so that it is thrown ever after.

#![expect(clippy::missing_panics_doc, reason = "said once, above")]

mod cursor;
mod envelope;
mod quote;
mod rows;
mod template;
#[cfg(test)]
mod tests;
mod token;

pub use cursor::cursor;
pub use envelope::envelope;
pub use quote::quote;
pub use rows::rows;
pub use template::template;
pub use token::token;

use std::future::Future;

use emulators::Cloud;
use lambda::testing::Harness;
use tokio::runtime::{Builder, Runtime};

/// A service over a table of its own, for as long as a thread runs.
struct Service {
    runtime: Runtime,
    harness: Harness,
}

impl Service {
    fn open() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let harness = runtime.block_on(Harness::new(Cloud::memory().http_client()));
        Self { runtime, harness }
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// A token near one that holds: of its three parts, those that stand in the bytes, and the known one's for the others.
fn near(known: &str, bytes: &[u8]) -> String {
    let bytes = String::from_utf8_lossy(bytes);
    let mut given = bytes.splitn(3, '.');
    let part = |known: &str| given.next().filter(|part| !part.is_empty()).unwrap_or(known).to_owned();
    known.split('.').map(part).collect::<Vec<_>>().join(".")
}
