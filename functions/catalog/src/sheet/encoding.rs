//! Decodes the bytes of a file.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Rejection, guess::guess, lines::Lines};

/// The first bytes of workbooks: of `.xlsx` and `.ods`, and of `.xls`.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// The text of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// The name of the encoding, if it was guessed.
    pub(super) guessed: Option<&'static str>,
}

/// Decodes UTF-8 and UTF-16, with or without a byte order mark. A name counts only if the bytes are not Unicode, because API
/// Gateway may have converted the text. If no other encoding than UTF-8 is named, the encodings of Excel are told apart,
/// provided that `can_guess`.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>, can_guess: bool) -> Result<Decoded<'a>, Rejection> {
    if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(Rejection::Workbook);
    }
    let (unicode, mark) = Encoding::for_bom(bytes).unwrap_or((without_mark(bytes), 0));
    let bytes = &bytes[mark..];
    let read = |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    // Programs name UTF-8 whatever they send.
    let named = charset.and_then(|name| Encoding::for_label(name.as_bytes())).filter(|named| *named != UTF_8);
    let certain = read(unicode).or_else(|| read(named?)).map(|text| Decoded { text, guessed: None });
    let is_open = can_guess && mark == 0 && named.is_none();
    let guessed = || {
        let (encoding, text) = guess(bytes).filter(|_| is_open)?;
        Some(Decoded { text, guessed: Some(encoding.name()) })
    };
    certain.or_else(guessed).filter(|decoded| !decoded.text.contains('\0')).ok_or_else(|| {
        let end =
            std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), |text| text.find('\0').unwrap_or(0));
        Rejection::Encoding { line: Lines::new(bytes).of(end as u64) }
    })
}

/// The encoding of a text whose first character is ASCII.
fn without_mark(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [_, 0, ..] => UTF_16LE,
        [0, ..] => UTF_16BE,
        _ => UTF_8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title,sku\nGröße,A\n";

    /// `Größe` in windows-1252, on line 2.
    const WINDOWS: &[u8] = b"title,sku\nGr\xf6\xdfe,A\n";
    /// The same in Mac Roman.
    const MAC: &[u8] = b"title,sku\nGr\x9a\xa7e,A\n";

    fn utf_16(text: &str, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    fn text(bytes: &[u8], charset: Option<&str>) -> Result<String, Rejection> {
        decode(bytes, charset, false).map(|decoded| decoded.text.into_owned())
    }

    #[test]
    fn unicode_is_read_with_and_without_a_byte_order_mark() {
        for mark in ["", "\u{feff}"] {
            let with_mark = format!("{mark}{TEXT}");
            for bytes in
                [with_mark.as_bytes(), &utf_16(&with_mark, u16::to_le_bytes), &utf_16(&with_mark, u16::to_be_bytes)]
            {
                let read = Decoded { text: TEXT.into(), guessed: None };
                assert_eq!(decode(bytes, None, true), Ok(read), "{bytes:?}");
            }
        }
    }

    #[test]
    fn another_encoding_is_read_if_it_is_named() {
        assert_eq!(text(WINDOWS, Some("windows-1252")).as_deref(), Ok(TEXT));
        assert_eq!(text(WINDOWS, Some("ISO-8859-1")).as_deref(), Ok(TEXT));
        for unhelpful in [None, Some("utf-8"), Some("klingon")] {
            assert_eq!(text(WINDOWS, unhelpful), Err(Rejection::Encoding { line: 2 }), "{unhelpful:?}");
        }
    }

    #[test]
    fn the_encodings_of_excel_are_told_apart_if_none_is_named() {
        let guessed = |bytes, charset| decode(bytes, charset, true).map(|decoded| (decoded.text, decoded.guessed));
        for unhelpful in [None, Some("utf-8"), Some("klingon")] {
            assert_eq!(guessed(WINDOWS, unhelpful), Ok((TEXT.into(), Some("windows-1252"))), "{unhelpful:?}");
            assert_eq!(guessed(MAC, unhelpful), Ok((TEXT.into(), Some("macintosh"))), "{unhelpful:?}");
        }
        assert_eq!(guessed(WINDOWS, Some("windows-1252")), Ok((TEXT.into(), None)));
        assert_eq!(guessed(MAC, Some("x-mac-roman")), Ok((TEXT.into(), None)));
        let refused = Err(Rejection::Encoding { line: 2 });
        assert_eq!(guessed(WINDOWS, Some("iso-2022-jp")), refused, "the encoding that is named is another one");
        let marked = [b"\xef\xbb\xbf", WINDOWS].concat();
        assert_eq!(guessed(&marked, None), refused, "the mark says that it is UTF-8");
    }

    #[test]
    fn the_name_of_an_encoding_does_not_spoil_unicode() {
        assert_eq!(text(TEXT.as_bytes(), Some("windows-1252")).as_deref(), Ok(TEXT));
        assert_eq!(text(&utf_16(TEXT, u16::to_le_bytes), Some("windows-1252")).as_deref(), Ok(TEXT));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for can_guess in [false, true] {
            let refused = |bytes: &[u8], charset| decode(bytes, charset, can_guess).unwrap_err();
            assert_eq!(refused(b"PK\x03\x04\x14\0", None), Rejection::Workbook);
            assert_eq!(refused(b"\xd0\xcf\x11\xe0\xa1", Some("windows-1252")), Rejection::Workbook);
            assert_eq!(refused(b"title\r\nx\0y", None), Rejection::Encoding { line: 2 });
            let cut = utf_16(TEXT, u16::to_le_bytes);
            assert_eq!(refused(&cut[..cut.len() - 1], None), Rejection::Encoding { line: 2 });
        }
        assert_eq!(text(b"", None).as_deref(), Ok(""));
    }
}
