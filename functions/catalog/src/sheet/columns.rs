//! The columns of an export of another shop.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::{cell::quote, records::Record};

/// The maximum number of columns that a warning names. The others are counted.
const MOST_NAMED: usize = 100;

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
        let mut has_text = vec![false; self.names.len()];
        for cells in rows.iter().filter_map(|(_, cells)| cells.as_ref().ok()) {
            has_text.iter_mut().zip(cells).for_each(|(has_text, cell)| *has_text |= !cell.is_empty());
        }
        let ignored = (0..self.names.len()).filter(|at| has_text[*at] && !self.read.contains(at));
        let mut named: Vec<_> = ignored.map(|at| quote(&self.names[at])).collect();
        if named.is_empty() {
            return Vec::new();
        }
        let more = named.len().saturating_sub(MOST_NAMED);
        named.truncate(MOST_NAMED);
        named.extend((more > 0).then(|| format!("and {more} more")));
        vec![format!("These columns are not imported: {}", named.join(", "))]
    }
}

/// The text of a cell. Empty if there is none.
pub(super) fn cell(record: &StringRecord, at: Place) -> &str {
    at.and_then(|at| record.get(at)).unwrap_or_default()
}
