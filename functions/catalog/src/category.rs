//! A category of products, in a tree of categories.

use contracts::{CategoryId, events::catalog::CategoryChanged};
use dynamo::Version;
use serde::{Deserialize, Serialize};

/// The maximum number of levels of the tree. A product is written to the lists of its categories and of all
/// categories above them in one transaction, so the tree must be shallow.
pub(crate) const MOST_LEVELS: usize = 5;

/// A category. The categories above it never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    pub(crate) name: String,
    /// The categories above it, from the root down.
    pub(crate) path: Vec<CategoryId>,
    pub(crate) version: Version,
}

/// The reason why a category cannot be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The parent is on the lowest level.
    TooDeep,
}

impl Category {
    /// Creates a category under a parent, or a root category.
    pub(crate) fn create(
        id: CategoryId,
        name: String,
        parent: Option<&Self>,
    ) -> Result<(Self, CategoryChanged), Rejection> {
        let path: Vec<_> = parent.into_iter().flat_map(Self::branch).collect();
        if path.len() >= MOST_LEVELS {
            return Err(Rejection::TooDeep);
        }
        let event = CategoryChanged { category: id, name: name.clone(), parent: path.last().copied() };
        Ok((Self { id, name, path, version: Version::default() }, event))
    }

    /// Renames the category. `None` if it has this name already.
    pub(crate) fn rename(self, name: String) -> Option<(Self, CategoryChanged)> {
        if name == self.name {
            return None;
        }
        let event = CategoryChanged { category: self.id, name: name.clone(), parent: self.parent() };
        Some((Self { name, ..self }, event))
    }

    /// The parent category.
    pub(crate) fn parent(&self) -> Option<CategoryId> {
        self.path.last().copied()
    }

    /// The path from the root to the category, inclusive.
    pub(crate) fn branch(&self) -> impl Iterator<Item = CategoryId> {
        self.path.iter().copied().chain([self.id])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_category_is_renamed_once() {
        let (category, _) = Category::create(Uuid::nil().into(), "Lamps".to_owned(), None).unwrap();
        let (category, changed) = category.rename("Lights".to_owned()).unwrap();
        assert_eq!((category.name.as_str(), changed.name.as_str(), changed.parent), ("Lights", "Lights", None));
        assert_eq!(category.rename("Lights".to_owned()), None);
    }

    #[test]
    fn the_tree_has_so_many_levels_and_no_more() {
        let mut leaf = None;
        for level in 0..MOST_LEVELS {
            let id = Uuid::from_u128(level as u128).into();
            let (category, changed) = Category::create(id, "Lamps".to_owned(), leaf.as_ref()).unwrap();
            assert_eq!((category.path.len(), changed.parent), (level, leaf.map(|parent: Category| parent.id)));
            leaf = Some(category);
        }
        let deeper = Category::create(Uuid::nil().into(), "Lamps".to_owned(), leaf.as_ref());
        assert_eq!(deeper, Err(Rejection::TooDeep));
    }
}
