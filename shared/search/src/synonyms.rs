//! Words that mean the same.

use crate::fold::chunks;

/// Words that mean the same, in groups.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// Each term as its words.
    groups: Vec<Vec<Vec<String>>>,
}

impl Synonyms {
    /// Reads groups of terms. A term can be several words.
    pub fn new<'a, G: IntoIterator<Item = &'a str>>(groups: impl IntoIterator<Item = G>) -> Self {
        let groups =
            groups.into_iter().map(|group| group.into_iter().map(words).filter(|term| !term.is_empty()).collect());
        Self { groups: groups.collect() }
    }

    /// The longest term that the words begin with: its number of words, and the other terms of its groups.
    pub(crate) fn of<'a>(&'a self, words: &[String]) -> Option<(usize, Vec<&'a [String]>)> {
        let starts = self.groups.iter().flatten().filter(|term| words.starts_with(term));
        let longest = starts.max_by_key(|term| term.len())?;
        let groups = self.groups.iter().filter(|group| group.contains(longest));
        let others = groups.flatten().filter(|term| *term != longest).map(Vec::as_slice);
        Some((longest.len(), others.collect()))
    }
}

/// The words of a term.
fn words(term: &str) -> Vec<String> {
    chunks(term).flat_map(|chunk| chunk.words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_of_several_words_is_found_whole() {
        let synonyms = Synonyms::new([vec!["Sofa", "couch"], vec!["tea towel", "dish cloth"], vec!["tea", "char"]]);
        let of = |text: &str| synonyms.of(&words(text)).map(|(length, others)| (length, others.concat().join(" ")));
        assert_eq!(of("couch table"), Some((1, "sofa".to_owned())));
        assert_eq!(of("tea towel"), Some((2, "dish cloth".to_owned())));
        assert_eq!(of("tea cup"), Some((1, "char".to_owned())));
        assert_eq!(of("lamp"), None);
    }
}
