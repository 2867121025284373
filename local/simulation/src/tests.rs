//! The proofs in short, for every commit.

use std::{fs, path::Path, sync::Arc};

use indicatif::ProgressBar;
use serde::Deserialize;

use crate::{
    bugs::Bug,
    matrix,
    proof::{found_by, run, search},
    scene::{Script, play},
    tape::Tape,
    world::{Stage, Twist},
};

fn stage() -> Arc<Stage> {
    Arc::new(Stage::read().unwrap())
}

/// Fails with the story, which leads to the line.
fn tell(seed: u64, run: &crate::scene::Run) -> ! {
    panic!("seed {seed} broke what must hold:\n{}", run.story.join("\n"))
}

#[test]
fn nothing_breaks_in_three_hundred_seeds() {
    let report = search(&stage(), 0..300, &Twist::default(), false, &ProgressBar::hidden());
    if let Some((seed, run)) = &report.failed {
        tell(*seed, run);
    }
    assert!(report.orders > 300 && report.faults.total() > 300, "{report:?}");
}

#[test]
fn a_seed_is_one_story_and_another_seed_another() {
    let stage = stage();
    let hash = |seed: u64| run(&stage, seed, &Twist::default()).hash;
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn every_planted_bug_is_found() {
    let stage = stage();
    let survivors: Vec<_> = Bug::ALL.iter().filter(|bug| found_by(&stage, **bug).is_none()).collect();
    assert!(Bug::ALL.len() >= 20 && survivors.is_empty(), "not found: {survivors:?}");
}

#[test]
fn every_handler_stands_a_crash_at_each_of_its_calls() {
    let matrix = matrix::run(&stage(), &ProgressBar::hidden());
    if let Some((point, run)) = matrix.failed.first() {
        panic!("a crash at {point:?} broke what must hold:\n{}", run.story.join("\n"));
    }
    assert_eq!(matrix.covered, matrix.points.len());
}

/// A tape that broke something once.
#[derive(Deserialize)]
struct Kept {
    seed: u64,
    choices: Vec<u32>,
}

#[test]
fn what_a_kept_tape_broke_once_holds() {
    let stage = stage();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tapes");
    // The folder comes with the first tape that is worth keeping.
    for file in fs::read_dir(folder).into_iter().flatten() {
        let path = file.unwrap().path();
        let Kept { seed, choices } = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let run = play(&stage, Tape::replay(choices), seed, Twist::default(), Script::Storm);
        assert!(run.broken.is_empty(), "{}:\n{}", path.display(), run.story.join("\n"));
    }
}
