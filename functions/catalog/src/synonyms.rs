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
    /// Each group has 2 to 20 terms. A term is one or several words. All terms have at most 100,000 bytes of UTF-8 together.
    #[garde(
        length(max = 500),
        inner(length(min = 2, max = 20), inner(length(chars, min = 1, max = 50))),
        custom(together)
    )]
    pub(crate) groups: Vec<Vec<String>>,
}

/// The maximum length of all terms together, in bytes of UTF-8. They are one item, and each search instance reads it.
const LONGEST: usize = 100_000;

/// Checks the length of all terms together.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn together(groups: &[Vec<String>], (): &()) -> garde::Result {
    if groups.iter().flatten().map(String::len).sum::<usize>() <= LONGEST {
        Ok(())
    } else {
        Err(garde::Error::new(format!("must have at most {LONGEST} bytes of UTF-8 together")))
    }
}
