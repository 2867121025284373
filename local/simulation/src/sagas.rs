//! The sagas alone: the pure aggregates of orders, inventory, payments and delivery, with a bag of messages between them.
//!
//! No store, no SDK, no queue: what is left is fast enough for a million seeds. The tape chooses which message comes next,
//! twice, late or not at all, what the provider answers and when it is silent, and what customers, couriers, support and
//! banks do. There is no inbox either: each aggregate has to stand a message that comes twice.

mod checks;
mod pairs;
mod play;
mod provider;
mod services;
#[cfg(test)]
mod tests;
mod till;
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

use crate::{shrink::shrink, tape::Tape};
use pairs::Pairs;
use world::{Broken, World};

/// How many seeds a thread takes at once.
const CHUNK: u64 = 500;
/// In how many seeds a planted fault must be found.
const PLANTED_SEEDS: u64 = 20_000;

/// A fault that is planted into what the services do, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    /// A cancellation does not free stock.
    NoRelease,
    /// A cancellation gives up or gives back no money.
    NoRefund,
    /// A cancellation that comes first leaves nothing that refuses what comes later.
    NoTombstone,
    /// Stock is reserved on levels that somebody has changed meanwhile.
    StaleStock,
    /// The provider is asked again under another key.
    NewKey,
    /// What the provider refused to do, and may still be asked for, counts as done.
    LeftUndoneIsDone,
    /// A refund that was refused is not asked for again.
    RefusalIsFinal,
    /// Nobody looks whose time is over.
    NoDeadline,
    /// A message counts as done before what came of it is kept.
    AcknowledgedFirst,
}

impl Planted {
    const ALL: [Self; 9] = [
        Self::NoRelease,
        Self::NoRefund,
        Self::NoTombstone,
        Self::StaleStock,
        Self::NewKey,
        Self::LeftUndoneIsDone,
        Self::RefusalIsFinal,
        Self::NoDeadline,
        Self::AcknowledgedFirst,
    ];

    /// The first seed that finds it.
    fn found_by(self) -> Option<u64> {
        run(PLANTED_SEEDS, Some(self), |_| {}).failed.map(|(seed, _)| seed)
    }
}

/// A run that broke something.
#[derive(Debug)]
struct Failure {
    what: String,
    tape: Vec<u32>,
}

/// What came of many seeds.
#[derive(Debug, Default)]
struct Report {
    pairs: Pairs,
    /// The lowest seed that broke something.
    failed: Option<(u64, Failure)>,
}

/// Runs so many seeds on all cores, shows how far it is, and prints what was covered; fails with the story of the first seed
/// that broke something.
pub fn prove(seeds: u64) -> Result<()> {
    let bar = ProgressBar::new(seeds);
    bar.set_style(ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} seeds  {per_sec}  {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let began = Instant::now();
    let report = run(seeds, None, |done| bar.inc(done));
    bar.finish_and_clear();
    if let Some((seed, failure)) = report.failed {
        println!("seed {seed} breaks: {}", failure.what);
        print_story(&shrunk(failure.tape));
        bail!("seed {seed} of the sagas breaks what must hold");
    }
    print(seeds, began.elapsed(), &report.pairs);
    let missed: Vec<_> = Planted::ALL.into_iter().filter(|planted| planted.found_by().is_none()).collect();
    println!("{} of {} planted faults are found", Planted::ALL.len() - missed.len(), Planted::ALL.len());
    ensure!(missed.is_empty(), "planted, and not found: {missed:?}");
    Ok(())
}

/// Runs one seed, and prints its story.
pub fn tell(seed: u64) -> Result<()> {
    let (tape, mut pairs) = (Tape::of_seed(seed), Pairs::default());
    match play(&tape, &mut pairs, None) {
        Ok(()) => {
            print_story(&tape.drawn());
            Ok(())
        }
        Err(Broken(what)) => {
            println!("seed {seed} breaks: {what}");
            print_story(&shrunk(tape.drawn()));
            bail!("seed {seed} of the sagas breaks what must hold")
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(seeds: u64, took: Duration, pairs: &Pairs) {
    let a_second = seeds as f64 / took.as_secs_f64();
    let (seen, all, never) = pairs.coverage();
    println!("{seeds} seeds of the sagas in {:.1} s: {a_second:.0} a second; nothing broke", took.as_secs_f64());
    println!("{} messages met a state; {seen} of {all} pairs of message and state were seen", pairs.met());
    println!("never seen:");
    for pair in never {
        println!("  {pair}");
    }
}

fn print_story(tape: &[u32]) {
    let (story, broken) = story(tape, None);
    println!("what happened, on the tape {tape:?}:");
    for line in story {
        println!("  {line}");
    }
    if let Some(what) = broken {
        println!("which breaks: {what}");
    }
}

/// What happens on a tape, line by line, and what it breaks.
fn story(tape: &[u32], planted: Option<Planted>) -> (Vec<String>, Option<String>) {
    let (tape, mut pairs) = (Tape::replay(tape.to_vec()), Pairs::default());
    let mut world = World::new(&tape, &mut pairs, planted, true);
    let broken = world.play().err().map(|Broken(what)| what);
    (world.story.take().unwrap_or_default(), broken)
}

/// The shortest tape that was found to break something, too.
fn shrunk(tape: Vec<u32>) -> Vec<u32> {
    shrink(tape, |tape| play(&Tape::replay(tape.to_vec()), &mut Pairs::default(), None).is_err())
}

fn play(tape: &Tape, pairs: &mut Pairs, planted: Option<Planted>) -> Result<(), Broken> {
    World::new(tape, pairs, planted, false).play()
}

/// Runs seeds on all cores until one breaks something.
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
                        let tape = Tape::of_seed(seed);
                        let Broken(what) = play(&tape, &mut pairs, planted).err()?;
                        Some((seed, Failure { what, tape: tape.drawn() }))
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
