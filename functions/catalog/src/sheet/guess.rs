//! Guesses the encoding of a file that is not Unicode: that of Excel on Windows, or the old one of Macs.
//!
//! The same byte is another character in each: `ü` of windows-1252 is `¸` in Mac Roman. A guess is the encoding in which
//! the characters fit better between their neighbours: an accented letter in a word, a dash between spaces.

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// The accented letters of Western European languages in lower case. Others that the encodings have are rare.
const LETTERS: &str = "äöüßàâæçéèêëîïôùûœñáíóúìòåøãõ";
/// The letters that are also words.
const WORDS: &str = "àéèóôÀÉÔ";

/// The encoding of a text that is not Unicode, and the text. `None` if it is in neither of the two encodings, or is damaged
/// UTF-8.
pub(super) fn guess(bytes: &[u8]) -> Option<(&'static Encoding, Cow<'_, str>)> {
    if bytes.contains(&0) || is_damaged_unicode(bytes) {
        return None;
    }
    let candidates = [WINDOWS_1252, MACINTOSH].map(|encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        (Score::of(&text), encoding, text)
    });
    let [windows, mac] = candidates;
    let (score, encoding, text) = if mac.0.sum > windows.0.sum { mac } else { windows };
    score.is_plausible().then_some((encoding, text))
}

/// Whether a text has more characters in UTF-8 than bytes that are not UTF-8.
fn is_damaged_unicode(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// How well the characters of a text that are not ASCII fit between their neighbours.
#[derive(Default)]
struct Score {
    sum: i64,
    all: usize,
    odd: usize,
}

impl Score {
    fn of(text: &str) -> Self {
        let mut score = Self::default();
        for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
            let fit = Place { before: &text[..at], after: &text[at + c.len_utf8()..] }.fit(c);
            score.sum += fit;
            score.all += 1;
            score.odd += usize::from(fit < 0);
        }
        score
    }

    /// Texts in other encodings have many odd characters. A Western European text has few.
    fn is_plausible(&self) -> bool {
        self.sum > 0 && self.odd <= 1 + self.all / 8
    }
}

/// The text on both sides of a character.
#[derive(Clone, Copy)]
struct Place<'a> {
    before: &'a str,
    after: &'a str,
}

impl Place<'_> {
    /// How well a character fits here. Below 0, it is odd.
    fn fit(self, c: char) -> i64 {
        let (before, after) = (self.before.chars().next_back(), self.after.chars().next());
        let is = |neighbour: Option<char>, kind: fn(char) -> bool| neighbour.is_some_and(kind);
        let is_in_word = is(before, char::is_alphabetic) && is(after, char::is_alphabetic);
        let unless = |is_odd: bool, fit| if is_odd { -1 } else { fit };
        match c {
            '€' | '£' | '¥' | '¢' | '–' | '•' | '®' | '™' => unless(is_in_word, 2),
            '—' => i64::from(!is_in_word) * 2,
            '’' if self.is_apostrophe() => 3,
            '’' if is(before, char::is_alphanumeric) => 2 - i64::from(is_in_word),
            '’' => unless(!is(after, char::is_numeric), 2),
            '¡' | '¿' => unless(!is(after, char::is_alphabetic) || is(before, char::is_alphanumeric), 1),
            '°' => unless(!self.before.trim_end().ends_with(char::is_numeric), 2),
            '‘' | '“' | '„' | '‚' | '«' | '‹' => unless(is(before, char::is_alphanumeric), 2),
            '”' | '»' | '›' | '…' => unless(is(after, char::is_alphanumeric), 2),
            '©' | '²' | '³' | '½' | '¼' | '¾' | '×' | '§' | '±' | 'µ' | '·' | '\u{a0}' => {
                unless(is_in_word, 1)
            }
            '´' => unless(!is_in_word, 1),
            'ª' | 'º' => unless(!is(before, |c| c.is_numeric() || c.eq_ignore_ascii_case(&'n')), 1),
            c if c.is_alphabetic() => self.fit_of_letter(c, before, after),
            _ => -3,
        }
    }

    fn fit_of_letter(self, c: char, before: Option<char>, after: Option<char>) -> i64 {
        let is = |neighbour: Option<char>, kind: fn(char) -> bool| neighbour.is_some_and(kind);
        let is_known = c.to_lowercase().all(|c| LETTERS.contains(c));
        let is_capital_in_word = c.is_uppercase() && is(before, char::is_lowercase);
        let is_before_word = !is(before, char::is_alphabetic)
            && is(after, char::is_uppercase)
            && is(self.after.chars().nth(1), char::is_lowercase);
        let is_before_capital = c.is_lowercase() && is(after, char::is_uppercase);
        let is_number = [before, after].into_iter().any(|neighbour| is(neighbour, char::is_numeric));
        if is_capital_in_word || is_before_word || is_before_capital || is_number || self.is_in_foreign_word() {
            return -2;
        }
        let is_alone = ![before, after].into_iter().any(|neighbour| is(neighbour, char::is_alphabetic));
        match is_alone {
            true if WORDS.contains(c) => 1,
            false if is_known => 2,
            _ => -1,
        }
    }

    /// Whether it is a letter among three accented ones in a row. In Cyrillic or Greek, that is each letter of a word.
    fn is_in_foreign_word(self) -> bool {
        let is_accented = |c: &char| c.is_alphabetic() && !c.is_ascii();
        let before = self.before.chars().rev().take(2).take_while(is_accented).count();
        before + self.after.chars().take(2).take_while(is_accented).count() >= 2
    }

    /// Whether it is the place of an apostrophe: in `l'eau` and `qu'il`, or in `lamp's` and `we'll`.
    fn is_apostrophe(self) -> bool {
        let is_letter = |c: &char| c.is_alphabetic();
        let word: String = self.before.chars().rev().take(3).take_while(is_letter).collect();
        let rest: String = self.after.chars().take(3).take_while(is_letter).collect();
        let (word, rest) = (word.to_lowercase(), rest.to_lowercase());
        let elided = ["c", "d", "j", "l", "m", "n", "o", "s", "t", "uq"].contains(&word.as_str()) && !rest.is_empty();
        let contracted = ["s", "t", "d", "m", "ll", "re", "ve"].contains(&rest.as_str()) && !word.is_empty();
        elided || contracted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a text in Mac Roman, which the library decodes but does not encode.
    fn mac(text: &str) -> Vec<u8> {
        let byte_of = |c: char| {
            (0..=u8::MAX).find(|byte| MACINTOSH.decode_without_bom_handling(&[*byte]).0.starts_with(c)).unwrap()
        };
        text.chars().map(byte_of).collect()
    }

    fn windows(text: &str) -> Vec<u8> {
        let (bytes, _, is_lost) = WINDOWS_1252.encode(text);
        assert!(!is_lost, "{text}");
        bytes.into_owned()
    }

    fn guessed(bytes: &[u8]) -> Option<(&'static str, String)> {
        guess(bytes).map(|(encoding, text)| (encoding.name(), text.into_owned()))
    }

    #[test]
    fn the_two_encodings_are_told_apart_by_one_word() {
        for text in [
            "Müller",
            "MÜLLER",
            "Übertopf",
            "Größe",
            "Köln",
            "Tür,30",
            "crème",
            "pâté à la carte",
            "Cœur d’été",
            "garçon",
            "Señor",
            "coração",
            "smørrebrød",
            "Århus",
            "£ 20 – half",
            "€ 20",
            "20,00 €",
            "10–12 cm",
            "Lamp – black",
            "don’t",
            "the lamp’s shade",
            "we’ll see",
            "l’eau",
            "qu’il",
            "“Lamp”",
            "‘Lamp’",
            "and so on…",
            "30 °C",
            "¡Oferta!",
            "« Lampe »",
            "Lamp™",
            "Lamp®",
            "jardín",
        ] {
            assert_eq!(guessed(&windows(text)), Some(("windows-1252", text.to_owned())));
            assert_eq!(guessed(&mac(text)).map(|(_, text)| text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_only_windows_has_is_read() {
        for text in ["5 m²", "½ Liter", "40 × 60 cm"] {
            assert_eq!(guessed(&windows(text)), Some(("windows-1252", text.to_owned())));
        }
    }

    #[test]
    fn what_is_the_same_in_both_is_read_either_way() {
        // The byte of these is the same in both encodings.
        for text in ["£20", "©", "± 5"] {
            assert_eq!(windows(text), mac(text));
            assert_eq!(guessed(&windows(text)), Some(("windows-1252", text.to_owned())));
        }
    }

    #[test]
    fn other_encodings_are_not_taken_for_these() {
        for (label, text) in [
            ("windows-1251", "Настольная лампа, чёрная"),
            ("windows-1253", "Φωτιστικό γραφείου"),
            ("windows-1250", "Lampa stołowa, biała, z żółtym kloszem i długim kablem, całość złożona"),
            ("shift_jis", "デスクランプ、黒"),
            ("gbk", "台灯，黑色，可折叠"),
        ] {
            let (bytes, _, is_lost) = Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!is_lost && guessed(&bytes).is_none(), "{label}: {:?}", guessed(&bytes));
        }
    }

    #[test]
    fn damaged_utf_8_is_not_taken_for_another_encoding() {
        let mut damaged = "Größe, Küche, Möbel, Stühle: grün".as_bytes().to_vec();
        damaged.push(0xc3);
        assert_eq!(guessed(&damaged), None);
        assert_eq!(guessed(b"Gr\xf6\xdfe\0"), None);
        // Two of its bytes happen to be a character in UTF-8.
        assert_eq!(guessed(&mac("l’été")).map(|(_, text)| text).as_deref(), Some("l’été"));
    }
}
