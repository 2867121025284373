//! The read model of the catalog's categories, which are the aisles of the shop.

use std::collections::BTreeMap;

use contracts::{CategoryId, events::catalog::CategoryChanged};
use dynamo::Version;
use serde::{Deserialize, Serialize};

/// The colours of departments, in their order. A fifth department has the first one again.
const HUES: [&str; 4] = ["hue-1", "hue-2", "hue-3", "hue-4"];

/// All aisles. They are one item, which is read with each page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aisles {
    all: BTreeMap<CategoryId, Aisle>,
    pub(crate) version: Version,
}

/// An aisle. An aisle without a parent is a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aisle {
    pub(crate) name: String,
    pub(crate) parent: Option<CategoryId>,
    /// The version of the category in its latest event.
    seen: u64,
}

impl Aisles {
    /// The aisles after an event. `None` if a later event of the category is known.
    pub(crate) fn after(mut self, event: CategoryChanged, seen: u64) -> Option<Self> {
        let CategoryChanged { category, name, parent } = event;
        if self.all.get(&category).is_some_and(|known| known.seen >= seen) {
            return None;
        }
        self.all.insert(category, Aisle { name, parent, seen });
        Some(self)
    }

    /// An aisle.
    pub(crate) fn get(&self, id: CategoryId) -> Option<&Aisle> {
        self.all.get(&id)
    }

    /// Every aisle, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = (CategoryId, &Aisle)> {
        self.all.iter().map(|(id, aisle)| (*id, aisle))
    }

    /// The departments, oldest first: ids sort by age.
    pub(crate) fn departments(&self) -> impl Iterator<Item = (CategoryId, &Aisle)> {
        self.below(None)
    }

    /// The aisles directly below another, oldest first.
    pub(crate) fn below(&self, parent: Option<CategoryId>) -> impl Iterator<Item = (CategoryId, &Aisle)> {
        self.all().filter(move |(_, aisle)| aisle.parent == parent)
    }

    /// The way from the department to an aisle, inclusive.
    pub(crate) fn way(&self, id: CategoryId) -> Vec<(CategoryId, &Aisle)> {
        let above = |(_, aisle): &(CategoryId, &Aisle)| {
            let parent = aisle.parent?;
            Some((parent, self.all.get(&parent)?))
        };
        let first = self.all.get(&id).map(|aisle| (id, aisle));
        // No more levels than there are aisles, whatever the events said.
        let mut way: Vec<_> = std::iter::successors(first, above).take(self.all.len()).collect();
        way.reverse();
        way
    }

    /// The colour of the department that an aisle is in.
    pub(crate) fn hue(&self, id: CategoryId) -> &'static str {
        let department = self.way(id).first().map(|(id, _)| *id);
        let at = self.departments().position(|(id, _)| Some(id) == department);
        at.map_or("", |at| HUES[at % HUES.len()])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn id(number: u128) -> CategoryId {
        Uuid::from_u128(number).into()
    }

    /// Aisles from number, name and parent.
    pub(crate) fn aisles(all: &[(u128, &str, Option<u128>)]) -> Aisles {
        all.iter().fold(Aisles::default(), |aisles, (number, name, parent)| {
            let (name, parent) = ((*name).to_owned(), parent.map(id));
            aisles.after(CategoryChanged { category: id(*number), name, parent }, 1).unwrap()
        })
    }

    fn names<'a>(aisles: impl IntoIterator<Item = (CategoryId, &'a Aisle)>) -> Vec<&'a str> {
        aisles.into_iter().map(|(_, aisle)| aisle.name.as_str()).collect()
    }

    #[test]
    fn departments_come_in_the_order_of_their_age_each_with_a_colour() {
        let aisles =
            aisles(&[(3, "Lighting", Some(1)), (2, "Outdoors", None), (1, "Home", None), (4, "Lamps", Some(3))]);
        assert_eq!(names(aisles.departments()), ["Home", "Outdoors"]);
        assert_eq!(names(aisles.below(Some(id(1)))), ["Lighting"]);
        assert_eq!(names(aisles.way(id(4))), ["Home", "Lighting", "Lamps"]);
        assert_eq!([1, 2, 4, 9].map(|number| aisles.hue(id(number))), ["hue-1", "hue-2", "hue-1", ""]);
    }

    #[test]
    fn the_latest_name_of_an_aisle_counts_whatever_comes_first() {
        let event = |name: &str| CategoryChanged { category: id(1), name: name.to_owned(), parent: None };
        let aisles = Aisles::default().after(event("Lights"), 2).unwrap();
        assert_eq!(aisles.clone().after(event("Lamps"), 1), None);
        assert_eq!(aisles.clone().after(event("Lamps"), 2), None);
        let aisles = aisles.after(event("Light"), 3).unwrap();
        assert_eq!(aisles.get(id(1)).unwrap().name, "Light");
    }

    #[test]
    fn aisles_that_are_above_each_other_end_somewhere() {
        let aisles = aisles(&[(1, "A", Some(2)), (2, "B", Some(1))]);
        assert_eq!(aisles.way(id(1)).len(), 2);
    }
}
