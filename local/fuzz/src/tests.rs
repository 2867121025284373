//! The targets without a fuzzer: samples, corpus, and what is near them.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use proptest::{prelude::*, sample::Index};

use crate::{cursor, envelope, quote, rows, template, token};

/// A target by name, and folders with something to throw at it, beside its corpus.
type Target = (&'static str, fn(&[u8]), &'static [&'static str]);

const TARGETS: [Target; 6] = [
    ("cursor", cursor, &[]),
    ("envelope", envelope, &["shared/contracts/samples"]),
    ("quote", quote, &[]),
    ("rows", rows, &[]),
    ("template", template, &["", "functions/checkout", "functions/users"]),
    ("token", token, &[]),
];

/// Ends all where anything panics: a consumer would catch it, and go on.
fn dread_panics() {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        process::abort();
    }));
}

/// What there is to throw at a target.
fn seeds(name: &str, folders: &[&str]) -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = folders.iter().map(|folder| here.join("../..").join(folder)).chain([here.join("corpus").join(name)]);
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path());
    let wanted = |file: &PathBuf| {
        let kind = file.extension();
        file.is_file() && (name != "template" || kind.is_none_or(|kind| kind == "yaml"))
    };
    let seeds: Vec<_> = files.filter(wanted).map(|file| fs::read(file).unwrap()).collect();
    assert!(!seeds.is_empty(), "there is nothing to throw at {name}");
    seeds
}

#[test]
fn nothing_that_is_known_does_harm() {
    dread_panics();
    for (name, target, folders) in TARGETS {
        for seed in seeds(name, folders) {
            target(&seed);
        }
    }
}

#[test]
fn nothing_near_what_is_known_does_harm() {
    dread_panics();
    for (name, target, folders) in TARGETS {
        let seeds = seeds(name, folders);
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) };
        proptest!(config, |(seed: Index, from: Index, to: Index, patch: Vec<u8>)| {
            let mut bytes = seed.get(&seeds).clone();
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            bytes.splice(from.min(to)..from.max(to), patch);
            target(&bytes);
        });
    }
}
