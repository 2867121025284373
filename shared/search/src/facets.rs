//! Filters by the values of products, and how many products have which value.

use std::collections::BTreeMap;

use crate::{
    Error,
    document::CATEGORY,
    query::{Facet, FacetValue, Filter, Query},
    segment::Segment,
};

/// The most values of a facet in an answer, beside the selected ones.
const MOST_VALUES: usize = 50;

/// The facets of a query: the category, those that it asks for, and those that it filters by.
pub(crate) fn names(query: &Query) -> Vec<&str> {
    let mut names = vec![CATEGORY];
    for name in query.facets.iter().chain(query.filters.iter().map(|filter| &filter.name)) {
        if !names.contains(&&**name) {
            names.push(name);
        }
    }
    names
}

/// What the values of one segment mean for a query.
pub(crate) struct Values {
    /// By the number of a value: the facet that counts it, and whether a filter asks for it.
    roles: Vec<(Option<u8>, bool)>,
    /// Which facets are filters.
    filters: Vec<bool>,
    counts: Vec<u32>,
}

impl Values {
    pub(crate) fn of(segment: &Segment, names: &[&str], filters: &[Filter]) -> Result<Self, Error> {
        let all = segment.value_count();
        let mut roles = vec![(None, false); all];
        for (facet, name) in (0..).zip(names) {
            for number in segment.values(&format!("{name}\0"))? {
                roles[index(number)].0 = Some(facet);
            }
        }
        for filter in filters {
            for value in &filter.values {
                for number in segment.values(&format!("{}\0{value}\0", filter.name))? {
                    roles[index(number)].1 = true;
                }
            }
        }
        let filters = names.iter().map(|name| filters.iter().any(|filter| filter.name == *name)).collect();
        Ok(Self { counts: vec![0; all], roles, filters })
    }

    /// Counts a document that passes everything else. Returns whether it passes the filters, too. A facet counts what
    /// passes the other filters.
    pub(crate) fn count(&mut self, values: &[u64]) -> bool {
        let mut failing = self.filters.iter().filter(|filter| **filter).count();
        let mut passed = 0_u32;
        for number in values.iter().copied() {
            if let (Some(facet), true) = self.roles[index(number)]
                && passed & 1 << facet == 0
            {
                passed |= 1 << facet;
                failing -= 1;
            }
        }
        let only = match failing {
            0 => None,
            1 => (0..).zip(&self.filters).find(|(facet, filter)| **filter && passed & 1 << facet == 0).map(|one| one.0),
            _ => return false,
        };
        for number in values.iter().copied() {
            if let Some(facet) = self.roles[index(number)].0
                && only.is_none_or(|only| only == facet)
            {
                self.counts[index(number)] += 1;
            }
        }
        failing == 0
    }

    /// Adds the counts to those of other segments: by facet, value and label.
    pub(crate) fn add_to(&self, segment: &Segment, counts: &mut Counts) -> Result<(), Error> {
        for (number, (count, (facet, selected))) in (0..).zip(self.counts.iter().zip(&self.roles)) {
            if let Some(facet) = facet
                && (*count > 0 || *selected)
            {
                let text = segment.value(number)?;
                let mut parts = text.split('\0').skip(1);
                let value = parts.next().unwrap_or_default().to_owned();
                let label = parts.next().filter(|label| !label.is_empty()).unwrap_or(&value).to_owned();
                let entry = counts.entry((*facet, value)).or_insert_with(|| (label.clone(), 0));
                entry.1 += count;
                // A newer segment comes later. Its label replaces one that no document has any more.
                if *count > 0 {
                    entry.0 = label;
                }
            }
        }
        Ok(())
    }
}

/// By facet and value: the label and the number of documents.
pub(crate) type Counts = BTreeMap<(u8, String), (String, u32)>;

/// The facets of an answer.
pub(crate) fn facets(names: &[&str], filters: &[Filter], counts: Counts) -> Vec<Facet> {
    let selected =
        |name: &str, value: &String| filters.iter().any(|filter| filter.name == name && filter.values.contains(value));
    let mut facets: Vec<_> = names.iter().map(|name| Facet { name: (*name).to_owned(), values: Vec::new() }).collect();
    for ((facet, value), (label, count)) in counts {
        let facet = &mut facets[usize::from(facet)];
        let selected = selected(&facet.name, &value);
        facet.values.push(FacetValue { value, label, count, selected });
    }
    for facet in &mut facets {
        facet.values.sort_by(|one, other| (other.count, &one.value).cmp(&(one.count, &other.value)));
        let mut place = 0;
        facet.values.retain(|value| {
            place += 1;
            place <= MOST_VALUES || value.selected
        });
    }
    facets
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
