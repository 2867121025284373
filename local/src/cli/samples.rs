//! `souk samples`: the input of each function, made from templates, scenarios and frozen events.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use local::scenarios::samples::{self, FOLDER};

/// Lists the files in `events/` that differ, or writes them.
pub(super) fn run(write: bool) -> Result<()> {
    let (folder, made, kept) = (Path::new(FOLDER), samples::made()?, samples::kept()?);
    for (file, _) in kept.iter().filter(|(file, _)| !made.contains_key(*file)) {
        println!("- {file}");
        if write {
            fs::remove_file(folder.join(file)).with_context(|| format!("cannot delete {file}"))?;
        }
    }
    for (file, text) in made.iter().filter(|(file, text)| kept.get(*file) != Some(text)) {
        println!("{} {file}", if kept.contains_key(file) { "~" } else { "+" });
        if write {
            let path = folder.join(file);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}
