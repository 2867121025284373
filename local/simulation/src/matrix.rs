//! The crash matrix: ends the process of every handler before and after each of its calls, and then continues without
//! faults.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Result, bail, ensure};
use indicatif::ProgressBar;
use lambda::Trigger;
use local::{handlers::Handler, scenarios};

use crate::{
    choices::Choices,
    executor::lock,
    run::{Run, Script, play},
    world::{CrashPoint, Mutation, Stage},
};

/// The number of seeds without faults that are tried to find one in which each handler makes its calls.
const SEEDS: u64 = 24;

/// A script, and the seed of its choice sequence.
type Case = (Script, u64);

/// The result of the crash matrix.
#[derive(Debug, Default)]
pub struct Matrix {
    /// The planned points: before and after each call of each handler, or a sample of these.
    pub points: Vec<CrashPoint>,
    /// The points at which a process ended.
    pub covered: usize,
    /// Runs that violates an invariant, with the point at which a process ended: none, where nothing went wrong by
    /// itself.
    pub failed: Vec<(Option<CrashPoint>, Run)>,
    /// Handlers that no script lets make a call, without those of pages.
    pub unseen: Vec<Handler>,
}

/// Ends a process at each point, one run a point. `sample` is 1 for all of them; 17 looks for calls in one run of 17,
/// and ends a process at one point of 17.
pub fn run(stage: &Arc<Stage>, sample: usize, bar: &ProgressBar) -> Matrix {
    let calm = |(script, seed): Case, mutation: Mutation| play(stage, Choices::of_seed(seed), seed, mutation, script);
    let scenarios = scenarios::KEYS.iter().map(|key| (Script::Scenario(key), 0));
    let cases: Vec<_> = scenarios.chain((0..SEEDS).map(|seed| (Script::Calm, seed))).step_by(sample).collect();
    bar.set_length(cases.len() as u64);
    let played = on_all_cores(&cases, bar, |case| calm(*case, Mutation::default()));
    // Of each handler the most calls that an invocation of it makes, and where it makes them. A batch of several
    // events is one more handler of its function.
    let mut handlers = BTreeMap::<Handler, (u32, Case)>::new();
    for (case, played) in cases.iter().zip(&played) {
        for (handler, calls) in &played.calls {
            let known = handlers.entry(handler.clone()).or_insert((0, *case));
            if *calls > known.0 {
                *known = (*calls, *case);
            }
        }
    }
    let violations: Vec<_> =
        played.into_iter().filter(|run| !run.violations.is_empty()).map(|run| (None, run)).collect();
    if !violations.is_empty() {
        return Matrix { failed: violations, ..Matrix::default() };
    }
    let points = handlers.iter().flat_map(|(handler, (calls, case))| {
        let point = move |call, after| (CrashPoint { handler: handler.clone(), call, after }, *case);
        (1..=*calls).flat_map(move |call| [point(call, false), point(call, true)])
    });
    let points: Vec<_> = points.step_by(sample).collect();
    bar.reset();
    bar.set_length(points.len() as u64);
    let played = on_all_cores(&points, bar, |(point, case)| {
        let run = calm(*case, Mutation { bug: None, crash: Some(point.clone()) });
        (run.crashed, (!run.violations.is_empty()).then_some(run))
    });
    let mut matrix = Matrix::default();
    for ((point, _), (crashed, failed)) in points.iter().zip(played) {
        matrix.covered += usize::from(crashed);
        matrix.failed.extend(failed.map(|run| (Some(point.clone()), run)));
    }
    let points = points.into_iter().map(|(point, _)| point).collect();
    // Most pages call only for a visitor with a cookie, and scripts have none.
    let is_page = |handler: &Handler| matches!(stage.triggers.get(&handler.function_id()), Some(Trigger::Page(_)));
    let unseen = stage.deployment.handlers().into_iter();
    let unseen = unseen.filter(|handler| !handlers.contains_key(handler) && !is_page(handler)).collect();
    Matrix { points, unseen, ..matrix }
}

/// Runs a function for each item on all cores, and returns the results.
fn on_all_cores<T: Sync, R: Send>(items: &[T], bar: &ProgressBar, act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(item) = items.get(at)
                {
                    let result = act(item);
                    bar.inc(1);
                    lock(&done).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Prints the matrix.
///
/// # Errors
/// If a point was not covered, or an invariant was violated.
pub fn print() -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let bar = ProgressBar::new(0);
    let matrix = run(&stage, 1, &bar);
    bar.finish_and_clear();
    let mut handlers = BTreeMap::<&Handler, usize>::new();
    matrix.points.iter().for_each(|point| *handlers.entry(&point.handler).or_default() += 1);
    for (handler, points) in &handlers {
        println!("{points:>5}  {handler}");
    }
    println!("{} handlers, covered {} of {} points", handlers.len(), matrix.covered, matrix.points.len());
    for (point, run) in &matrix.failed {
        run.trace.iter().for_each(|line| println!("{line}"));
        match point {
            Some(point) => println!("a crash at {point:?} violates an invariant: {:?}", run.violations),
            None => println!("without a crash, invariants were violated: {:?}", run.violations),
        }
    }
    ensure!(matrix.unseen.is_empty(), "no script lets these make a call: {:?}", matrix.unseen);
    match matrix.failed.len() {
        0 if matrix.covered == matrix.points.len() => Ok(()),
        failed => bail!("{failed} crashes did harm, {} points were not reached", matrix.points.len() - matrix.covered),
    }
}
