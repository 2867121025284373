//! `souk samples`: the input of each function, made from templates, scenarios and frozen events.

use std::{fs, path::Path};

use crate::scenarios::samples::{self, FOLDER};
use anyhow::{Context, Result};

use super::output;

/// Lists the files in `events/` that differ, or writes them.
pub(super) fn run(write: bool) -> Result<()> {
    let (folder, made, kept) = (Path::new(FOLDER), samples::made()?, samples::kept()?);
    // Printed only after all files are written: a reader that ends early does not leave half of them.
    let mut lines = Vec::new();
    for (file, _) in kept.iter().filter(|(file, _)| !made.contains_key(*file)) {
        lines.push(format!("- {file}\n"));
        if write {
            fs::remove_file(folder.join(file)).with_context(|| format!("cannot delete {file}"))?;
        }
    }
    for (file, text) in made.iter().filter(|(file, text)| kept.get(*file) != Some(text)) {
        lines.push(format!("{} {file}\n", if kept.contains_key(file) { "~" } else { "+" }));
        if write {
            let path = folder.join(file);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    output::text(&lines.concat())
}
