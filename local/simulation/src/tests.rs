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
    // A shop that refuses everybody breaks nothing.
    assert!(report.delivered > 300 && report.faults.total() > 300, "{report:?}");
}

#[test]
fn a_seed_is_one_story_and_another_seed_another() {
    let (stage, twist) = (stage(), Twist::default());
    let report = search(&stage, 0..10, &twist, true, &ProgressBar::hidden());
    assert_eq!(report.failed.map(|(seed, run)| (seed, run.broken)), None);
    assert_ne!(run(&stage, 1, &twist).hash, run(&stage, 2, &twist).hash);
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
    assert_eq!((matrix.covered, matrix.unseen), (matrix.points.len(), Vec::new()));
}

/// A tape that found something: a planted bug, or one that is mended since.
#[derive(Deserialize)]
struct Kept {
    seed: u64,
    bug: Option<String>,
    choices: Vec<u32>,
}

#[test]
fn a_kept_tape_finds_its_bug_and_nothing_else() {
    let stage = stage();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tapes");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        let Kept { seed, bug, choices } = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let bug = bug.map(|bug| Bug::named(&bug).unwrap());
        let run = |bug| play(&stage, Tape::replay(choices.clone()), seed, Twist { bug, crash: None }, Script::Storm);
        let held = run(None);
        assert!(bug.is_none() || !run(bug).broken.is_empty(), "{} finds nothing", file.display());
        assert!(held.broken.is_empty(), "{}:\n{}", file.display(), held.story.join("\n"));
    }
}
