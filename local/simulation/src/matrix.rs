//! The crash matrix: every handler, its process ended before and after each of its calls, and then everything as usual.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Result, bail, ensure};
use indicatif::ProgressBar;

use crate::{
    executor::lock,
    scene::{Run, Script, play},
    tape::Tape,
    world::{CrashPoint, Stage, Twist},
};

/// So many calm seeds are looked at to find one in which each handler makes its calls.
const SEEDS: u64 = 24;

/// A script, and the seed of its tape.
type Scene = (Script, u64);

/// Where processes ended, and what came of it.
#[derive(Debug, Default)]
pub struct Matrix {
    /// Every point at which a process could end: before and after each call of each handler.
    pub points: Vec<CrashPoint>,
    /// Those at which one did.
    pub covered: usize,
    /// Those after which something was that must not be.
    pub failed: Vec<(CrashPoint, Run)>,
    /// Handlers that no script lets make a call.
    pub unseen: Vec<String>,
}

/// Ends a process at each point, one run a point.
pub fn run(stage: &Arc<Stage>, bar: &ProgressBar) -> Matrix {
    let calm = |(script, seed): Scene, twist: Twist| play(stage, Tape::of_seed(seed), seed, twist, script);
    // Of each handler the most calls that an invocation of it makes, and where it makes them.
    let mut handlers = BTreeMap::<String, (u32, Scene)>::new();
    for scene in [(Script::Errands, 0)].into_iter().chain((0..SEEDS).map(|seed| (Script::Calm, seed))) {
        for (function, calls) in calm(scene, Twist::default()).calls {
            let known = handlers.entry(function).or_insert((0, scene));
            if calls > known.0 {
                *known = (calls, scene);
            }
        }
    }
    let points = handlers.iter().flat_map(|(function, (calls, scene))| {
        let point = move |call, after| (CrashPoint { function: function.clone(), call, after }, *scene);
        (1..=*calls).flat_map(move |call| [point(call, false), point(call, true)])
    });
    let points: Vec<_> = points.collect();
    bar.set_length(points.len() as u64);
    let (next, matrix) = (AtomicUsize::new(0), Mutex::new(Matrix::default()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((point, scene)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = calm(*scene, Twist { bug: None, crash: Some(point.clone()) });
                    bar.inc(1);
                    let mut matrix = lock(&matrix);
                    matrix.covered += usize::from(played.crashed);
                    if !played.broken.is_empty() {
                        matrix.failed.push((point.clone(), played));
                    }
                }
            });
        }
    });
    let points = points.into_iter().map(|(point, _)| point).collect();
    let all = stage.deployment.functions.iter().map(|spec| &spec.binary);
    let unseen = all.filter(|binary| !handlers.contains_key(*binary)).cloned().collect();
    Matrix { points, unseen, ..matrix.into_inner().unwrap_or_default() }
}

/// Prints the matrix.
///
/// # Errors
/// Where a point was not covered, or something was that must not be.
pub fn print() -> Result<()> {
    let stage = Arc::new(Stage::read()?);
    let bar = ProgressBar::new(0);
    let matrix = run(&stage, &bar);
    bar.finish_and_clear();
    let mut handlers = BTreeMap::<&str, usize>::new();
    matrix.points.iter().for_each(|point| *handlers.entry(&point.function).or_default() += 1);
    for (function, points) in &handlers {
        println!("{points:>5}  {function}");
    }
    println!("{} handlers, covered {} of {} points", handlers.len(), matrix.covered, matrix.points.len());
    for (point, run) in &matrix.failed {
        run.story.iter().for_each(|line| println!("{line}"));
        println!("a crash at {point:?} broke what must hold: {:?}", run.broken);
    }
    ensure!(matrix.unseen.is_empty(), "no script lets these make a call: {:?}", matrix.unseen);
    match matrix.failed.len() {
        0 if matrix.covered == matrix.points.len() => Ok(()),
        failed => bail!("{failed} crashes did harm, {} points were not reached", matrix.points.len() - matrix.covered),
    }
}
