//! A category: a place in the tree that products are found by.

use contracts::{CategoryId, events::catalog::CategoryChanged};
use serde::{Deserialize, Serialize};

/// The most levels of the tree. A product is listed under its categories and all above them, in one
/// transaction: so the tree stays shallow.
pub(crate) const MOST_LEVELS: usize = 5;

/// A category. It keeps its place: what stands above it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    pub(crate) name: String,
    /// What stands above it, from the root on.
    pub(crate) path: Vec<CategoryId>,
    pub(crate) version: u64,
}

/// Why there can be no such category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The tree has no more levels.
    TooDeep,
}

impl Category {
    /// A new category under another, or at the root.
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
        Ok((Self { id, name, path, version: 1 }, event))
    }

    /// The category it is directly under.
    pub(crate) fn parent(&self) -> Option<CategoryId> {
        self.path.last().copied()
    }

    /// The way from the root to it, itself included.
    pub(crate) fn branch(&self) -> impl Iterator<Item = CategoryId> {
        self.path.iter().copied().chain([self.id])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

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
