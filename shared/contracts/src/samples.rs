//! Each event has one frozen sample in a file with the event's name, and each sample belongs to an event.

use std::{collections::BTreeMap, fs, path::Path};

use crate::events;

/// The maximum size of a sample. The relay puts ten events on the bus in one call and relies on this limit.
const LONGEST: usize = 64 * 1024;

/// The samples by the names of their events.
fn samples() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let sample = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let event = name.strip_suffix(".json").unwrap_or_else(|| panic!("{name} is no sample: it is not JSON"));
        (event.to_owned(), fs::read_to_string(path).unwrap())
    };
    files.map(|path| sample(&path)).collect()
}

#[test]
fn every_event_has_a_sample() {
    let samples = samples();
    let missing: Vec<_> = events::all().map(|event| event.name).filter(|name| !samples.contains_key(*name)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

#[test]
fn every_sample_is_one_of_an_event() {
    let orphans: Vec<_> =
        samples().into_keys().filter(|sample| !events::all().any(|event| event.name == sample)).collect();
    assert!(orphans.is_empty(), "no events: {orphans:?}");
}

#[test]
fn every_sample_still_parses() {
    let samples = samples();
    let failures: Vec<_> =
        events::all().filter_map(|event| Some((event.name, (event.parses)(samples.get(event.name)?).err()?))).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_sample_fits_on_the_bus() {
    let long: Vec<_> = samples().into_iter().filter(|(_, text)| text.len() >= LONGEST).map(|(name, _)| name).collect();
    assert!(long.is_empty(), "{LONGEST} bytes or more: {long:?}");
}

#[test]
fn every_event_has_a_name_of_its_own() {
    let mut names: Vec<_> = events::all().map(|event| event.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two events of one name would share a sample");
}
