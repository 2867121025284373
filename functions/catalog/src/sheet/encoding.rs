//! Decodes the bytes of a file.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Rejection, lines::Lines};

/// The first bytes of workbooks: of `.xlsx` and `.ods`, and of `.xls`.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// Decodes UTF-8 and UTF-16, with or without a byte order mark. Other encodings cannot be told apart safely, so they must
/// be named. A name counts only if the bytes are not Unicode, because API Gateway may have converted the text.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, Rejection> {
    if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(Rejection::Workbook);
    }
    let (unicode, mark) = Encoding::for_bom(bytes).unwrap_or((without_mark(bytes), 0));
    let bytes = &bytes[mark..];
    let named = || charset.and_then(|name| Encoding::for_label(name.as_bytes()));
    let text = unicode
        .decode_without_bom_handling_and_without_replacement(bytes)
        .or_else(|| named()?.decode_without_bom_handling_and_without_replacement(bytes));
    text.filter(|text| !text.contains('\0')).ok_or_else(|| {
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

    fn utf_16(text: &str, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn unicode_is_read_with_and_without_a_byte_order_mark() {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{TEXT}");
            for bytes in [text.as_bytes(), &utf_16(&text, u16::to_le_bytes), &utf_16(&text, u16::to_be_bytes)] {
                assert_eq!(decode(bytes, None).as_deref(), Ok(TEXT), "{bytes:?}");
            }
        }
    }

    #[test]
    fn another_encoding_is_read_if_it_is_named() {
        assert_eq!(decode(WINDOWS, Some("windows-1252")).as_deref(), Ok(TEXT));
        assert_eq!(decode(WINDOWS, Some("ISO-8859-1")).as_deref(), Ok(TEXT));
        for unhelpful in [None, Some("utf-8"), Some("klingon")] {
            assert_eq!(decode(WINDOWS, unhelpful), Err(Rejection::Encoding { line: 2 }), "{unhelpful:?}");
        }
    }

    #[test]
    fn the_name_of_an_encoding_does_not_spoil_unicode() {
        assert_eq!(decode(TEXT.as_bytes(), Some("windows-1252")).as_deref(), Ok(TEXT));
        assert_eq!(decode(&utf_16(TEXT, u16::to_le_bytes), Some("windows-1252")).as_deref(), Ok(TEXT));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        assert_eq!(decode(b"PK\x03\x04\x14\0", None), Err(Rejection::Workbook));
        assert_eq!(decode(b"\xd0\xcf\x11\xe0\xa1", Some("windows-1252")), Err(Rejection::Workbook));
        assert_eq!(decode(b"title\r\nx\0y", None), Err(Rejection::Encoding { line: 2 }));
        let cut = utf_16(TEXT, u16::to_le_bytes);
        assert_eq!(decode(&cut[..cut.len() - 1], None), Err(Rejection::Encoding { line: 2 }));
        assert_eq!(decode(b"", None).as_deref(), Ok(""));
    }
}
