//! The columns of an export of another shop.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::{cell::quote, records::Record};

/// The maximum number of columns in a warning, and the maximum length of a name, in characters.
const MOST_NAMED: usize = 100;
const LONGEST_NAME: usize = 60;

/// The columns of an export, and which of them are read.
pub(super) struct Columns {
    names: Vec<String>,
    read: BTreeSet<usize>,
}

/// The place of a column, if the export has it.
pub(super) type Place = Option<usize>;

impl Columns {
    pub(super) fn new(names: &StringRecord) -> Self {
        Self { names: names.iter().map(str::to_owned).collect(), read: BTreeSet::new() }
    }

    /// The first column with one of these names, in any case.
    pub(super) fn named(&mut self, names: &[&str]) -> Place {
        self.find(|name| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)))
    }

    fn find(&mut self, is_wanted: impl Fn(&str) -> bool) -> Place {
        let place = self.names.iter().position(|name| is_wanted(name));
        self.read.extend(place);
        place
    }

    /// The columns for which `read` returns something.
    pub(super) fn all<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Vec<(usize, T)> {
        let found: Vec<_> = self.names.iter().enumerate().filter_map(|(at, name)| Some((at, read(name)?))).collect();
        self.read.extend(found.iter().map(|(at, _)| *at));
        found
    }

    /// The warning that names the columns with text that are not read.
    pub(super) fn ignored(&self, rows: &[Record]) -> Vec<String> {
        let has_text = |at: &usize| {
            rows.iter()
                .any(|(_, cells)| cells.as_ref().is_ok_and(|cells| cells.get(*at).is_some_and(|cell| !cell.is_empty())))
        };
        let ignored = (0..self.names.len()).filter(|at| !self.read.contains(at)).filter(has_text);
        let cut = |at: usize| quote(&self.names[at].chars().take(LONGEST_NAME).collect::<String>());
        let named: Vec<_> = ignored.take(MOST_NAMED).map(cut).collect();
        if named.is_empty() {
            Vec::new()
        } else {
            vec![format!("These columns are not imported: {}", named.join(", "))]
        }
    }
}

/// The text of a cell. Empty if there is none.
pub(super) fn cell(record: &StringRecord, at: Place) -> &str {
    at.and_then(|at| record.get(at)).unwrap_or_default()
}
