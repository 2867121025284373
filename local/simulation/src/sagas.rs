//! The pure sagas: the decisions of orders, inventory, payments and delivery, with a bag of messages between them.
//!
//! The decisions are those of the deployed functions. There is no store, SDK or queue around them, so a million seeds
//! take about a minute. The choice sequence says which message comes next, twice, late or not at all, what the
//! provider answers and when it does not, and what customers, couriers, support and banks do. No message is
//! deduplicated either: each aggregate has to refuse a message that comes twice.

mod checks;
mod commit;
mod dispatch;
mod pairs;
mod play;
mod provider;
mod purchase;
#[cfg(test)]
mod tests;
mod world;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{choices::Choices, shrink::shrink};
use pairs::Pairs;
use world::{Violation, World};

/// The number of seeds that a thread takes at once.
const CHUNK: u64 = 500;
/// The number of seeds in which a planted bug must be found.
const PLANTED_SEEDS: u64 = 20_000;

/// A planted bug, which the invariants must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// A cancellation does not release stock.
    NoRelease,
    /// A cancellation neither voids nor refunds.
    NoRefund,
    /// A cancellation that comes first leaves no tombstone.
    NoTombstone,
    /// Stock is reserved on levels that have changed since.
    StaleStock,
    /// The provider is asked again under another key.
    NewKey,
    /// A command that the provider leaves undone counts as done.
    LeftUndoneIsDone,
    /// A refund that was refused is not made again.
    RefusalIsFinal,
    /// Orders have no deadline.
    NoDeadline,
    /// A message is acknowledged before its decision is saved.
    AcknowledgedFirst,
    /// A payment that its customer refused counts as withdrawn without a request to the provider.
    RefusedLeftOpen,
}

impl Planted {
    const ALL: [Self; 10] = [
        Self::NoRelease,
        Self::NoRefund,
        Self::NoTombstone,
        Self::StaleStock,
        Self::NewKey,
        Self::LeftUndoneIsDone,
        Self::RefusalIsFinal,
        Self::NoDeadline,
        Self::AcknowledgedFirst,
        Self::RefusedLeftOpen,
    ];

    /// The first seed that finds it.
    fn found_by(self) -> Option<u64> {
        run(PLANTED_SEEDS, Some(self), |_| {}).failed.map(|(seed, _)| seed)
    }
}

/// A run that violated an invariant.
#[derive(Debug)]
struct Failure {
    what: String,
    choices: Vec<u32>,
}

/// The result of many seeds.
#[derive(Debug, Default)]
struct Report {
    pairs: Pairs,
    /// The lowest seed that violated an invariant.
    failed: Option<(u64, Failure)>,
}

/// Runs a number of seeds on all cores, shows the progress, and prints what was covered. Fails with the trace of the
/// first seed that violates an invariant.
pub fn prove(seeds: u64) -> Result<()> {
    let bar = ProgressBar::new(seeds);
    bar.set_style(ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} seeds  {per_sec}  {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let began = Instant::now();
    let report = run(seeds, None, |done| bar.inc(done));
    bar.finish_and_clear();
    if let Some((seed, failure)) = report.failed {
        println!("seed {seed} violates an invariant: {}", failure.what);
        print_trace(&shrunk(failure.choices));
        bail!("seed {seed} of the sagas violates an invariant");
    }
    print(seeds, began.elapsed(), &report.pairs);
    let missed: Vec<_> = Planted::ALL.into_iter().filter(|planted| planted.found_by().is_none()).collect();
    println!("{} of {} planted faults are found", Planted::ALL.len() - missed.len(), Planted::ALL.len());
    ensure!(missed.is_empty(), "planted, and not found: {missed:?}");
    Ok(())
}

/// Runs one seed, and prints its trace.
pub fn trace_seed(seed: u64) -> Result<()> {
    let (choices, mut pairs) = (Choices::of_seed(seed), Pairs::default());
    match play(&choices, &mut pairs, None) {
        Ok(()) => {
            print_trace(&choices.drawn());
            Ok(())
        }
        Err(Violation(what)) => {
            println!("seed {seed} violates an invariant: {what}");
            print_trace(&shrunk(choices.drawn()));
            bail!("seed {seed} of the sagas violates an invariant")
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(seeds: u64, took: Duration, pairs: &Pairs) {
    let a_second = seeds as f64 / took.as_secs_f64();
    let (seen, all, never) = pairs.coverage();
    println!(
        "{seeds} seeds of the sagas in {:.1} s: {a_second:.0} a second; no invariant was violated",
        took.as_secs_f64()
    );
    println!("{} messages met a state; {seen} of {all} pairs of message and state were seen", pairs.met());
    println!("never seen:");
    for pair in never {
        println!("  {pair}");
    }
}

fn print_trace(choices: &[u32]) {
    let (trace, violation) = trace(choices, None);
    println!("what happened, with the choices {choices:?}:");
    for line in trace {
        println!("  {line}");
    }
    if let Some(what) = violation {
        println!("which violates an invariant: {what}");
    }
}

/// The trace of a choice sequence, line by line, and the invariant that it violates.
fn trace(choices: &[u32], planted: Option<Planted>) -> (Vec<String>, Option<String>) {
    let (choices, mut pairs) = (Choices::replay(choices.to_vec()), Pairs::default());
    let mut world = World::new(&choices, &mut pairs, planted, true);
    let violation = world.play().err().map(|Violation(what)| what);
    (world.trace.take().unwrap_or_default(), violation)
}

/// The shortest choice sequence that was found to violate an invariant as well.
fn shrunk(choices: Vec<u32>) -> Vec<u32> {
    shrink(choices, |choices| play(&Choices::replay(choices.to_vec()), &mut Pairs::default(), None).is_err())
}

fn play(choices: &Choices, pairs: &mut Pairs, planted: Option<Planted>) -> Result<(), Violation> {
    World::new(choices, pairs, planted, false).play()
}

/// Runs seeds on all cores until one violates an invariant.
fn run(seeds: u64, planted: Option<Planted>, progress: impl Fn(u64) + Sync) -> Report {
    let (next, report) = (AtomicU64::new(0), Mutex::new(Report::default()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut pairs = Pairs::default();
                while let first = next.fetch_add(CHUNK, Ordering::Relaxed)
                    && first < seeds
                {
                    let last = seeds.min(first + CHUNK);
                    let failed = (first..last).find_map(|seed| {
                        let choices = Choices::of_seed(seed);
                        let Violation(what) = play(&choices, &mut pairs, planted).err()?;
                        Some((seed, Failure { what, choices: choices.drawn() }))
                    });
                    progress(last - first);
                    if let Some((seed, failure)) = failed {
                        next.store(seeds, Ordering::Relaxed);
                        let failed = &mut report.lock().unwrap_or_else(PoisonError::into_inner).failed;
                        if failed.as_ref().is_none_or(|(lowest, _)| seed < *lowest) {
                            *failed = Some((seed, failure));
                        }
                    }
                }
                report.lock().unwrap_or_else(PoisonError::into_inner).pairs.add(pairs);
            });
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}
