//! Runs many seeds, and reports the results.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    bugs::Bug,
    choices::Choices,
    executor::lock,
    observed::Violation,
    run::{Run, Script, play},
    shrink::shrink,
    world::{Faults, Mutation, Stage},
};

/// The number of seeds that are tried before a bug counts as not found.
pub const SEEDS_FOR_A_BUG: u64 = 300;
/// Averages are reliable from this number of seeds on.
const ENOUGH: u64 = 100;
/// The maximum number of runs to shrink a failing choice sequence.
const SHRINKING: u64 = 300;
/// An invariant that a replay cannot reproduce, because its violation does not come from the choice sequence.
const DETERMINISM: &str = "a seed gives one trace";

/// Runs a seed.
pub fn run(stage: &Arc<Stage>, seed: u64, mutation: &Mutation) -> Run {
    play(stage, Choices::of_seed(seed), seed, mutation.clone(), Script::Storm)
}

/// The result of many seeds.
#[derive(Debug, Default)]
pub struct Report {
    /// The number of seeds that were run.
    pub seeds: u64,
    /// Orders that were placed.
    pub orders: u64,
    /// Those of them that were delivered.
    pub delivered: u64,
    /// Those that were placed from reopened carts.
    pub bought_again: u64,
    /// Those that were placed with the quote of a merged cart before orders knew of the merge.
    pub ordered_merged: u64,
    /// The injected faults.
    pub faults: Faults,
    /// The number of checks of invariants.
    pub checks: u64,
    /// The lowest seed that violated an invariant, with its run.
    pub failed: Option<(u64, Run)>,
}

/// Runs seeds on all cores until one violates an invariant. If `twice` is set, each runs twice, and the traces must
/// be equal.
pub fn search(
    stage: &Arc<Stage>,
    seeds: std::ops::Range<u64>,
    mutation: &Mutation,
    twice: bool,
    bar: &ProgressBar,
) -> Report {
    let (next, found) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let report = Mutex::new(Report::default());
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || found.load(Ordering::Relaxed) {
                return;
            }
            let mut played = run(stage, seed, mutation);
            if twice {
                let again = run(stage, seed, mutation);
                let parted = (again.hash != played.hash).then(|| parting(&played.trace, &again.trace));
                played.violations.extend(parted.map(|seen| Violation { invariant: DETERMINISM, seen }));
            }
            bar.inc(1);
            let mut report = lock(&report);
            report.seeds += 1;
            report.orders += played.orders as u64;
            report.delivered += played.delivered as u64;
            report.bought_again += played.bought_again as u64;
            report.ordered_merged += played.ordered_merged as u64;
            report.checks += played.checks;
            report.faults.add(&played.faults);
            if !played.violations.is_empty() {
                found.store(true, Ordering::Relaxed);
                if report.failed.as_ref().is_none_or(|(known, _)| seed < *known) {
                    report.failed = Some((seed, played));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    report.into_inner().unwrap_or_default()
}

/// The first difference of two traces.
fn parting(one: &[String], other: &[String]) -> String {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let line = |trace: &[String]| trace.get(same).map_or("nothing more", |line| line.trim()).to_owned();
    format!("line {} is once {:?} and once {:?}", same + 1, line(one), line(other))
}

/// Runs a number of seeds, shows the progress, and prints the injected faults and the checks.
///
/// # Errors
/// With the trace of the first seed that violated an invariant, or if fewer things happened than this number of seeds
/// must cause.
pub fn prove(seeds: u64) -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let (bar, began) = (progress(seeds), Instant::now());
    let report = search(&stage, 0..seeds, &Mutation::default(), true, &bar);
    bar.finish_and_clear();
    let took = began.elapsed();
    let pace = Duration::as_secs_f64(&took) / f64::from(u32::try_from(report.seeds).unwrap_or(u32::MAX));
    println!("{} seeds, each twice, in {} s: {:.1} a second", report.seeds, took.as_secs(), pace.recip());
    let Report { orders, delivered, bought_again, ordered_merged, checks, .. } = report;
    println!("{orders} orders, {delivered} of them delivered, {} faults, {checks} checks", report.faults.total());
    println!(
        "{bought_again} orders from reopened carts, {ordered_merged} with quotes of carts that were merged just before"
    );
    print_faults(&report.faults);
    match report.failed {
        None => {
            // A shop that refuses every order violates no invariant, so a minimum of orders is required.
            let enough = seeds < ENOUGH || (delivered > seeds && report.faults.total() > seeds);
            ensure!(enough, "fewer than one delivery or one fault a seed");
            Ok(())
        }
        Some((seed, run)) => {
            print_trace(&run);
            Err(shortened(&stage, seed, &Mutation::default(), &run))
        }
    }
}

fn print_faults(faults: &Faults) {
    faults.aws.iter().for_each(|(kind, count)| println!("{count:>9}  AWS: {kind:?}"));
    faults.provider.iter().for_each(|(kind, count)| println!("{count:>9}  provider: {kind:?}"));
    faults.deliveries.iter().for_each(|(kind, count)| println!("{count:>9}  delivery: {kind}"));
}

/// Prints the trace of a seed, and shrinks its choice sequence if it violated an invariant.
///
/// # Errors
/// If an invariant was violated.
pub fn trace(seed: u64, bug: Option<Bug>) -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let mutation = Mutation { bug, crash: None };
    let played = run(&stage, seed, &mutation);
    print_trace(&played);
    let (orders, choices, faults) = (played.orders, played.drawn.len(), played.faults.total());
    println!("{orders} orders, {choices} choices, {faults} faults, {} checks", played.checks);
    if played.violations.is_empty() { Ok(()) } else { Err(shortened(&stage, seed, &mutation, &played)) }
}

/// Shrinks the choice sequence of a run that violated an invariant, prints the trace of the rest, and says which.
fn shortened(stage: &Arc<Stage>, seed: u64, mutation: &Mutation, run: &Run) -> anyhow::Error {
    let what = run.violations.first().map(|first| format!("{}: {}", first.invariant, first.seen)).unwrap_or_default();
    let broke = anyhow!("seed {seed} violates an invariant: {what}");
    if run.violations.first().is_some_and(|first| first.invariant == DETERMINISM) {
        return broke;
    }
    let choices = shrunk(stage, seed, mutation, run);
    let matter = choices.iter().filter(|choice| **choice != 0).count();
    println!("--- the same, shrunk to {} choices, of which {matter} are not 0:", choices.len());
    print_trace(&play(stage, Choices::replay(choices), seed, mutation.clone(), Script::Storm));
    broke
}

/// The shortest choice sequence that violates the same invariant.
pub fn shrunk(stage: &Arc<Stage>, seed: u64, mutation: &Mutation, run: &Run) -> Vec<u32> {
    let Some(wanted) = run.violations.first() else { return Vec::new() };
    let left = AtomicU64::new(SHRINKING);
    shrink(run.drawn.clone(), |choices| {
        let spend = |left: u64| left.checked_sub(1);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return false;
        }
        let again = play(stage, Choices::replay(choices.to_vec()), seed, mutation.clone(), Script::Storm);
        again.violations.iter().any(|violations| violations.invariant == wanted.invariant)
    })
}

fn print_trace(run: &Run) {
    run.trace.iter().for_each(|line| println!("{line}"));
}

/// The seed that finds a bug, and the invariant that it violates.
pub fn found_by(stage: &Arc<Stage>, bug: Bug) -> Option<(u64, &'static str)> {
    let mutation = Mutation { bug: Some(bug), crash: None };
    let report = search(stage, 0..SEEDS_FOR_A_BUG, &mutation, false, &ProgressBar::hidden());
    report.failed.and_then(|(seed, run)| Some((seed, run.violations.first()?.invariant)))
}

/// Plants every bug, and prints which seed finds it.
///
/// # Errors
/// If a bug is not found.
pub fn plant() -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let mut found = 0;
    for bug in Bug::ALL {
        match found_by(&stage, *bug) {
            Some((seed, invariant)) => {
                found += 1;
                println!("{bug:?}: {} Seed {seed} finds it: {invariant}.", bug.about());
            }
            None => println!("{bug:?}: {} NOT FOUND by {SEEDS_FOR_A_BUG} seeds.", bug.about()),
        }
    }
    let all = Bug::ALL.len();
    println!("mutation score: {found} of {all}, {} %", 100 * found / all);
    ensure!(found == all, "{} planted bugs were not found", all - found);
    Ok(())
}

fn progress(seeds: u64) -> ProgressBar {
    let style = "{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left";
    ProgressBar::new(seeds)
        .with_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
