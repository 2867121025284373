//! Many seeds, and what became of them.

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
    executor::lock,
    observed::Broken,
    scene::{Run, Script, play},
    shrink::shrink,
    tape::Tape,
    world::{Faults, Stage, Twist},
};

/// How many seeds are tried on a bug before it counts as not found.
pub const SEEDS_FOR_A_BUG: u64 = 300;
/// Averages are reliable from this number of seeds on.
const ENOUGH: u64 = 100;
/// How long a failing tape is shrunk, in runs.
const SHRINKING: u64 = 300;
/// Broken by what is not drawn from the tape: to replay one shows nothing.
const ONE_STORY: &str = "a seed is one story";

/// Plays a seed.
pub fn run(stage: &Arc<Stage>, seed: u64, twist: &Twist) -> Run {
    play(stage, Tape::of_seed(seed), seed, twist.clone(), Script::Storm)
}

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Report {
    /// How many were played.
    pub seeds: u64,
    /// Orders that were placed.
    pub orders: u64,
    /// Those of them that were delivered.
    pub delivered: u64,
    /// What went wrong on purpose.
    pub faults: Faults,
    /// How often something was held against an invariant.
    pub checks: u64,
    /// The lowest seed that broke something, with its run.
    pub failed: Option<(u64, Run)>,
}

/// Plays seeds on all cores until one breaks something. Each is played twice if `twice` says so: the stories must agree.
pub fn search(
    stage: &Arc<Stage>,
    seeds: std::ops::Range<u64>,
    twist: &Twist,
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
            let mut played = run(stage, seed, twist);
            if twice {
                let again = run(stage, seed, twist);
                let parted = (again.hash != played.hash).then(|| parting(&played.story, &again.story));
                played.broken.extend(parted.map(|seen| Broken { invariant: ONE_STORY, seen }));
            }
            bar.inc(1);
            let mut report = lock(&report);
            report.seeds += 1;
            report.orders += played.orders as u64;
            report.delivered += played.delivered as u64;
            report.checks += played.checks;
            report.faults.add(&played.faults);
            if !played.broken.is_empty() {
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

/// Where two stories part.
fn parting(one: &[String], other: &[String]) -> String {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let line = |story: &[String]| story.get(same).map_or("nothing more", |line| line.trim()).to_owned();
    format!("line {} is once {:?} and once {:?}", same + 1, line(one), line(other))
}

/// Plays so many seeds, shows how far it is, and prints what was injected and checked.
///
/// # Errors
/// With the story of the first seed that broke something; where less happened than that many seeds must bring about.
pub fn prove(seeds: u64) -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let (bar, began) = (progress(seeds), Instant::now());
    let report = search(&stage, 0..seeds, &Twist::default(), true, &bar);
    bar.finish_and_clear();
    let took = began.elapsed();
    let pace = Duration::as_secs_f64(&took) / f64::from(u32::try_from(report.seeds).unwrap_or(u32::MAX));
    println!("{} seeds, each twice, in {} s: {:.1} a second", report.seeds, took.as_secs(), pace.recip());
    let Report { orders, delivered, checks, .. } = report;
    println!("{orders} orders, {delivered} of them delivered, {} faults, {checks} checks", report.faults.total());
    print_faults(&report.faults);
    match report.failed {
        None => {
            // A shop that refuses every order breaks nothing.
            let enough = seeds < ENOUGH || (delivered > seeds && report.faults.total() > seeds);
            ensure!(enough, "fewer than one delivery or one fault a seed");
            Ok(())
        }
        Some((seed, run)) => {
            print_story(&run);
            Err(shortened(&stage, seed, &Twist::default(), &run))
        }
    }
}

fn print_faults(faults: &Faults) {
    faults.aws.iter().for_each(|(kind, count)| println!("{count:>9}  AWS: {kind:?}"));
    faults.provider.iter().for_each(|(kind, count)| println!("{count:>9}  provider: {kind:?}"));
    faults.deliveries.iter().for_each(|(kind, count)| println!("{count:>9}  delivery: {kind}"));
}

/// Tells the story of a seed, and shrinks its tape if it broke something.
///
/// # Errors
/// Where something must not be and was.
pub fn tell(seed: u64, bug: Option<Bug>) -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let twist = Twist { bug, crash: None };
    let played = run(&stage, seed, &twist);
    print_story(&played);
    let (orders, choices, faults) = (played.orders, played.drawn.len(), played.faults.total());
    println!("{orders} orders, {choices} choices, {faults} faults, {} checks", played.checks);
    if played.broken.is_empty() { Ok(()) } else { Err(shortened(&stage, seed, &twist, &played)) }
}

/// Shrinks the tape of a run that broke something, prints the story of what is left, and says what was broken.
fn shortened(stage: &Arc<Stage>, seed: u64, twist: &Twist, run: &Run) -> anyhow::Error {
    let what = run.broken.first().map(|first| format!("{}: {}", first.invariant, first.seen)).unwrap_or_default();
    let broke = anyhow!("seed {seed} broke what must hold: {what}");
    if run.broken.first().is_some_and(|first| first.invariant == ONE_STORY) {
        return broke;
    }
    let tape = shrunk(stage, seed, twist, run);
    let matter = tape.iter().filter(|choice| **choice != 0).count();
    println!("--- the same, shrunk to {} choices, of which {matter} are not 0:", tape.len());
    print_story(&play(stage, Tape::replay(tape), seed, twist.clone(), Script::Storm));
    broke
}

/// The shortest tape that breaks the same.
pub fn shrunk(stage: &Arc<Stage>, seed: u64, twist: &Twist, run: &Run) -> Vec<u32> {
    let Some(wanted) = run.broken.first() else { return Vec::new() };
    let left = AtomicU64::new(SHRINKING);
    shrink(run.drawn.clone(), |tape| {
        let spend = |left: u64| left.checked_sub(1);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return false;
        }
        let again = play(stage, Tape::replay(tape.to_vec()), seed, twist.clone(), Script::Storm);
        again.broken.iter().any(|broken| broken.invariant == wanted.invariant)
    })
}

fn print_story(run: &Run) {
    run.story.iter().for_each(|line| println!("{line}"));
}

/// Which seed finds a bug, and by which invariant.
pub fn found_by(stage: &Arc<Stage>, bug: Bug) -> Option<(u64, &'static str)> {
    let twist = Twist { bug: Some(bug), crash: None };
    let report = search(stage, 0..SEEDS_FOR_A_BUG, &twist, false, &ProgressBar::hidden());
    report.failed.and_then(|(seed, run)| Some((seed, run.broken.first()?.invariant)))
}

/// Plants every bug, and prints which seed finds it.
///
/// # Errors
/// Where one is not found.
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
