//! State on disk: one line of JSON for each change, written before it is answered.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use crate::state::{Change, State};

const FILE: &str = "payment-provider.jsonl";

/// Where changes are kept; nowhere if the provider lives in memory.
#[derive(Debug)]
pub(crate) struct Journal(Option<File>);

impl Journal {
    /// Reads what is kept in a folder, and goes on from a file that holds no more than that.
    pub(crate) fn open(folder: Option<&Path>, now: u64) -> io::Result<(Self, State)> {
        let mut state = State::default();
        let Some(folder) = folder else { return Ok((Self(None), state)) };
        fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        match File::open(&path) {
            Ok(file) => read(file, &mut state)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // Whole or not at all: a crash in between must not cost what was kept.
        let beside = path.with_extension("new");
        let mut journal = Self(Some(File::create(&beside)?));
        journal.append(&state.snapshot(now))?;
        fs::rename(&beside, &path)?;
        journal.0 = Some(OpenOptions::new().append(true).open(&path)?);
        Ok((journal, state))
    }

    /// Keeps a change. One write, so that a killed process leaves the line whole or torn at the end.
    pub(crate) fn append(&mut self, change: &Change) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut line = serde_json::to_vec(change)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

fn read(file: File, state: &mut State) -> io::Result<()> {
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // A torn last line was never answered.
        if line.ends_with(b"\n") {
            state.apply(serde_json::from_slice(&line)?);
        }
        line.clear();
    }
    Ok(())
}
