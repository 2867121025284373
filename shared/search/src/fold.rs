//! Words of a text, in the form in which they are compared: without case, accents and joints.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// The largest number of characters of a word. What is longer is cut, in the index and in a query alike.
const LONGEST: usize = 40;

/// One run of a text between white space: `full-size`, `E27`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Its words: runs of letters, and runs of digits. Never empty.
    pub(crate) words: Vec<String>,
}

impl Chunk {
    /// The words as one, without what stood between them.
    pub(crate) fn joined(&self) -> String {
        cut(&self.words.concat())
    }

    pub(crate) fn has_digit(&self) -> bool {
        self.words.iter().any(|word| has_digit(word))
    }
}

pub(crate) fn has_digit(word: &str) -> bool {
    word.chars().any(char::is_numeric)
}

/// The chunks of a text, without those that have neither letters nor digits.
pub(crate) fn chunks(text: &str) -> impl Iterator<Item = Chunk> {
    text.split_whitespace().map(|chunk| Chunk { words: words(chunk) }).filter(|chunk| !chunk.words.is_empty())
}

/// The words of a chunk.
fn words(chunk: &str) -> Vec<String> {
    let folded = fold(chunk);
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for letter in folded.chars() {
        let kind = Kind::of(letter);
        match kind {
            None => {}
            _ if kind == before => words.last_mut().into_iter().for_each(|word| word.push(letter)),
            Some(_) => words.push(letter.into()),
        }
        before = kind;
    }
    words.iter().map(|word| cut(word)).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
}

impl Kind {
    fn of(letter: char) -> Option<Self> {
        match letter {
            _ if letter.is_numeric() => Some(Self::Digit),
            _ if letter.is_alphabetic() => Some(Self::Letter),
            _ => None,
        }
    }
}

/// A text without case and accents. Marks of other scripts than Latin, Greek and Cyrillic are kept, because they are
/// letters there.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let lower = text.to_lowercase();
    for letter in DecomposingNormalizerBorrowed::new_nfkd().normalize(&lower).chars() {
        match letter {
            '\u{300}'..='\u{36f}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push('a'),
            'ø' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            letter => folded.push(letter),
        }
    }
    folded
}

/// The vowels that have an umlaut, which can be written as the vowel and an `e`.
const UMLAUTS: [&str; 3] = ["a", "o", "u"];

/// The word as if each of its umlauts were the vowel alone, if it has any: `mueller` is `muller`.
pub(crate) fn umlauts(word: &str) -> Option<String> {
    let found = UMLAUTS.iter().any(|vowel| word.contains(&format!("{vowel}e")));
    found.then(|| UMLAUTS.iter().fold(word.to_owned(), |word, vowel| word.replace(&format!("{vowel}e"), vowel)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Vec<String>> {
        chunks(text).map(|chunk| chunk.words).collect()
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(all("TÀBLE Straße ﬁn Ælf"), [["table"], ["strasse"], ["fin"], ["alf"]]);
        assert_eq!(fold("Müller"), umlauts("mueller").unwrap());
        assert_eq!(umlauts("lamp"), None);
    }

    #[test]
    fn letters_and_digits_are_words_of_their_own() {
        assert_eq!(all("E27 40cm full-size"), [vec!["e", "27"], vec!["40", "cm"], vec!["full", "size"]]);
        assert_eq!(chunks("S-12AB.c").next().unwrap().joined(), "s12abc");
        assert_eq!(all(" -- \u{1f980} \"*\" "), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_word_is_as_long_as_it_may_be() {
        assert_eq!(all(&"a".repeat(200))[0][0].len(), LONGEST);
    }
}
