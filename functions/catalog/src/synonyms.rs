//! Words that the search takes for the same.

use dynamo::Version;
use garde::Validate;
use schemars::JsonSchema;
use search::Synonyms;
use serde::{Deserialize, Serialize};

/// All groups of synonyms. There is one set, which is empty at first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SynonymSet {
    pub(crate) groups: Vec<Vec<String>>,
    pub(crate) version: Version,
}

impl SynonymSet {
    pub(crate) fn read(&self) -> Synonyms {
        Synonyms::new(self.groups.iter().map(|group| group.iter().map(String::as_str)))
    }

    /// The number of its version for callers. The empty set, before any is stored, is version 1.
    pub(crate) fn number(version: &Version) -> u64 {
        version.number() + 1
    }
}

/// Groups of terms that mean the same.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Synonyms")]
pub(crate) struct Groups {
    /// Each group has 2 to 20 terms. A term is one or several words.
    #[garde(length(max = 500), inner(length(min = 2, max = 20), inner(length(chars, min = 1, max = 50))))]
    pub(crate) groups: Vec<Vec<String>>,
}
