//! The proofs in short: a few seeds, a few planted bugs, a sample of the crash matrix. `bash .ci/run simulation` runs
//! them at full length.

use std::sync::Arc;

use indicatif::ProgressBar;

use crate::{
    bugs::Bug,
    matrix,
    proof::{found_by, run, search},
    world::{Mutation, Stage},
};

/// One point of this number. It is odd, so that some processes end before their call and some after it.
const SAMPLE: usize = 17;

fn stage() -> Arc<Stage> {
    Arc::new(Stage::read().unwrap())
}

/// Fails with the trace, which leads to the line.
fn tell(seed: u64, run: &crate::run::Run) -> ! {
    panic!("seed {seed} violates an invariant:\n{}", run.trace.join("\n"))
}

#[test]
fn nothing_breaks_in_twelve_seeds_and_each_is_one_story() {
    let (stage, mutation) = (stage(), Mutation::default());
    let report = search(&stage, 0..12, &mutation, true, &ProgressBar::hidden());
    if let Some((seed, run)) = &report.failed {
        tell(*seed, run);
    }
    // A shop that refuses everybody breaks nothing.
    assert!(report.delivered > 8 && report.faults.total() > 8, "{report:?}");
    assert_ne!(run(&stage, 1, &mutation).hash, run(&stage, 2, &mutation).hash);
}

/// One of each way to plant a bug: in a transaction, in an answer of AWS, in what the provider is asked, in what it
/// answered, and by leaving a function out.
const FEW: [Bug; 5] =
    [Bug::BlindStock, Bug::ConflictIsDone, Bug::WrongAmount, Bug::SilenceIsDecline, Bug::NoCompensation];

#[test]
fn a_bug_of_each_kind_is_found() {
    let stage = stage();
    let survivors: Vec<_> = FEW.into_iter().filter(|bug| found_by(&stage, *bug).is_none()).collect();
    assert!(survivors.is_empty(), "not found: {survivors:?}");
}

#[test]
fn handlers_stand_a_crash_at_a_sample_of_their_calls() {
    let matrix = matrix::run(&stage(), SAMPLE, &ProgressBar::hidden());
    if let Some((point, run)) = matrix.failed.first() {
        panic!("a crash at {point:?} violates an invariant:\n{}", run.trace.join("\n"));
    }
    assert!(matrix.points.len() >= 8, "{:?}", matrix.points);
    assert_eq!(matrix.covered, matrix.points.len());
}
