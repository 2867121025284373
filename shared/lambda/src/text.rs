//! Texts from callers. Each text of an input is put into one form when it is bound, so that equal texts are equal
//! bytes, and no text is invisible or misleading.
//!
//! Removed: outer white space, zero-width spaces, byte order marks, word joiners and soft hyphens. The rest is put
//! into Unicode Normalization Form C. Kept: joiners, emoji, and marks of reading direction that are closed on their
//! line. A text of which nothing is visible becomes empty.

use std::{borrow::Cow, ops::Deref};

use icu_normalizer::ComposingNormalizerBorrowed;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

/// A text that can have several lines, which end in `\n`. Other texts of an input are a single line.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct LongText(String);

/// A text of an input that is read exactly as it was sent, such as a password.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ExactText(String);

/// An input whose texts are all read exactly as they were sent: signed tokens and references, and nothing that a
/// person writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact<T>(pub T);

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Line,
    Long,
    Exact,
}

impl Kind {
    /// The kind that a type asks for by the name of its newtype.
    pub(crate) fn of(newtype: &str) -> Option<Self> {
        match newtype {
            LONG_TEXT => Some(Self::Long),
            EXACT_TEXT => Some(Self::Exact),
            _ => None,
        }
    }
}

const LONG_TEXT: &str = "lambda::LongText";
const EXACT_TEXT: &str = "lambda::ExactText";

macro_rules! texts {
    ($($text:ident = $name:ident;)*) => {$(
        impl From<$text> for String {
            fn from(text: $text) -> Self {
                text.0
            }
        }

        impl Deref for $text {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl garde::rules::length::chars::HasChars for $text {
            fn num_chars(&self) -> usize {
                self.0.chars().count()
            }
        }

        impl<'de> Deserialize<'de> for $text {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_newtype_struct($name, Inner).map(Self)
            }
        }

        impl JsonSchema for $text {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($text).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    )*};
}

texts! {
    LongText = LONG_TEXT;
    ExactText = EXACT_TEXT;
}

/// Reads the text in a newtype.
struct Inner;

impl<'de> Visitor<'de> for Inner {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

/// The text in Unicode Normalization Form C.
pub fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The form in which a text is bound. `normalize` is [`nfc`], except where no text has to be normalized.
///
/// # Errors
/// The reason for which the text is refused, as the end of a sentence about it.
pub(crate) fn bound(text: &str, kind: Kind, normalize: fn(&str) -> Cow<'_, str>) -> Result<String, &'static str> {
    if kind == Kind::Exact {
        return Ok(text.to_owned());
    }
    let mut text = text.trim().to_owned();
    if !text.is_ascii() {
        text.retain(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'));
        let normalized = normalize(&text).into_owned();
        normalized.trim().clone_into(&mut text);
        if text.chars().all(is_invisible) {
            text.clear();
        }
    }
    if kind == Kind::Long {
        return Ok(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    if text.contains(ends_line) { Err("must be a single line") } else { Ok(text) }
}

/// The reason for which no input takes a text.
pub(crate) fn refusal(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.contains(|c: char| c.is_control() && c != '\n' && c != '\r') {
        Some("must not have control characters")
    } else if text.split(ends_line).all(closes_directions) {
        None
    } else {
        Some("must close each mark of reading direction on its line")
    }
}

/// Whether embeddings, overrides and isolates (UAX #9) are closed in order.
fn closes_directions(line: &str) -> bool {
    let mut open = Vec::new();
    for c in line.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push('\u{202c}'),
            '\u{2066}'..='\u{2068}' => open.push('\u{2069}'),
            '\u{202c}' | '\u{2069}' if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Whether a character has no glyph of its own: white space, a default-ignorable code point, or the Braille blank.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<String, &'static str> {
        bound(text, Kind::Line, nfc)
    }

    #[test]
    fn two_spellings_of_a_text_become_one() {
        assert_eq!(line("Zoe\u{308}").unwrap(), "Zoë");
        assert_eq!(line("\u{a0}\u{2003}Ada \tL.\r\n".replace('\t', "").as_str()).unwrap(), "Ada L.");
        assert_eq!(line("\u{feff}so\u{ad}ft\u{200b}\u{2060}ware \u{200b} ").unwrap(), "software");
        assert_eq!(line("\u{212b}").unwrap(), "Å", "the sign of the unit is the letter");
    }

    #[test]
    fn joiners_emoji_and_marks_of_direction_stay() {
        for text in ["👩\u{200d}👩\u{200d}👧", "❤\u{fe0f}", "نمی\u{200c}خواهم", "\u{2067}שלום\u{2069} 5", "\u{200f}א"]
        {
            assert_eq!((line(text).as_deref(), refusal(text)), (Ok(text), None), "{text:?}");
        }
        let (text, kept) = (" Ada\u{a0}L ", "Ada\u{a0}L");
        assert_eq!(line(text).unwrap(), kept, "a space within a text is its author's");
    }

    #[test]
    fn a_text_of_which_nothing_is_visible_is_empty() {
        for text in [
            "",
            "  ",
            "\t\n",
            "\u{a0}\u{2003}",
            "\u{200b}",
            "\u{feff} \u{2060}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{200d}",
            "\u{200e}\u{200f}",
            "\u{2800}",
            "\u{3000}",
            "\u{fe0f}",
            "\u{2066}\u{2069}",
            "\u{e0001}",
            "\u{180e}",
        ] {
            assert_eq!(line(text).as_deref(), Ok(""), "{text:?}");
        }
    }

    #[test]
    fn only_a_long_text_has_several_lines() {
        let text = " one\r\ntwo\rthree\n\nfour\n";
        assert_eq!(bound(text, Kind::Long, nfc).unwrap(), "one\ntwo\nthree\n\nfour");
        for text in ["one\ntwo", "one\rtwo", "one\u{2028}two", "one\u{2029}two"] {
            assert_eq!(line(text), Err("must be a single line"), "{text:?}");
        }
        assert_eq!(line("one\n").as_deref(), Ok("one"));
    }

    #[test]
    fn an_exact_text_stays_as_it_was_sent() {
        let text = " Zoe\u{308}\u{200b}\n";
        assert_eq!(bound(text, Kind::Exact, nfc).unwrap(), text);
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["nul\0", "a\tb", "bell\u{7}", "del\u{7f}", "c1\u{85}x", "esc\u{1b}[1m"] {
            assert_eq!(refusal(text), Some("must not have control characters"), "{text:?}");
        }
        assert_eq!((refusal("one\r\ntwo"), refusal("\ta ")), (None, None));
    }

    #[test]
    fn marks_of_direction_that_stay_open_are_refused() {
        for text in [
            "a\u{202e}b",
            "a\u{202d}b",
            "a\u{2066}b",
            "a\u{202c}b",
            "a\u{2069}b",
            "\u{202e}\u{2066}\u{202c}\u{2069}",
            "\u{202e}a\nb\u{202c}",
            "\u{2067}a\u{202c}",
        ] {
            assert!(refusal(text).is_some(), "{text:?}");
        }
        for text in
            ["\u{202e}abc\u{202c}", "\u{2068}a\u{202b}b\u{202c}\u{2069}c", "\u{2067}a\u{2069}\n\u{2067}b\u{2069}"]
        {
            assert_eq!(refusal(text), None, "{text:?}");
        }
    }
}
