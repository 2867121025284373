//! The groups of customers. They are one item, so that their number is exact.

use contracts::CustomerGroupId;
use dynamo::Version;
use serde::{Deserialize, Serialize};

/// The maximum number of groups.
pub(crate) const MOST: usize = 100;

/// A group of customers. Its members are in their accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) id: CustomerGroupId,
    pub(crate) name: String,
}

/// All groups, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Groups {
    pub(crate) groups: Vec<Group>,
    pub(crate) version: Version,
}

/// The reason why a group cannot be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There are as many groups as allowed.
    Full,
}

impl Groups {
    /// Adds a group.
    pub(crate) fn add(mut self, group: Group) -> Result<Self, Rejection> {
        if self.groups.len() >= MOST {
            return Err(Rejection::Full);
        }
        self.groups.push(group);
        Ok(self)
    }

    /// Whether there is a group with this id.
    pub(crate) fn contains(&self, id: CustomerGroupId) -> bool {
        self.groups.iter().any(|group| group.id == id)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn there_are_a_hundred_groups_at_most() {
        let group = |n| Group { id: Uuid::from_u128(n).into(), name: "Trade".to_owned() };
        let full = (1..=100).fold(Groups::default(), |groups, n| groups.add(group(n)).unwrap());
        assert_eq!(full.clone().add(group(101)), Err(Rejection::Full));
        assert!(full.contains(group(100).id) && !full.contains(group(101).id));
    }
}
