//! The values of the cells of a CSV file.

use contracts::{Currency, Money};

/// The maximum length of a cell's text in a reason, in characters.
const LONGEST_QUOTE: usize = 60;

/// Reads a price in minor units. Only digits are accepted: in any other notation it is not certain what the amount is.
pub(super) fn price(cell: &str, currency: Currency) -> Result<i64, String> {
    let digits = Some(cell).filter(|cell| cell.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("{}, and not {}", wanted(currency), quote(cell)))
}

/// What a price column must contain.
pub(super) fn wanted(currency: Currency) -> String {
    let example = Money::new(1999, currency);
    format!("price.{currency} must be a whole number of minor units, such as 1999 for {example}")
}

/// Whether a price seems to have decimals. Then the other prices of the column may be meant in the same way.
pub(super) fn is_decimal(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit()) && cell.contains(['.', ','])
}

/// Reads a list of words.
pub(super) fn words(cell: &str) -> Vec<&str> {
    cell.split(separates).filter(|word| !word.is_empty()).collect()
}

/// Reads the addresses of pictures. A comma or semicolon can also be part of an address: it is kept if what follows cannot
/// be an address, and if what precedes it does not end in a file name.
pub(super) fn images(cell: &str) -> Result<Vec<String>, String> {
    let (mut images, mut joint) = (Vec::<String>::new(), None);
    for part in cell.split_inclusive(separates) {
        let text = part.trim_end_matches(separates);
        let glued = joint.zip(images.last_mut()).filter(|(_, last)| !text.is_empty() && !ends_in_a_file(last));
        match glued {
            Some((mark, last)) if !is_absolute(text) && !text.starts_with('/') => {
                last.push(mark);
                last.push_str(text);
            }
            Some(_) if text.starts_with('/') => return Err(unclear(&format!(",{text}"))),
            _ if is_absolute(text) || text.starts_with('/') => images.push(text.to_owned()),
            _ if text.is_empty() => {}
            _ => return Err(unclear(text)),
        }
        joint = part.chars().last().filter(|mark| !text.is_empty() && matches!(mark, ',' | ';'));
    }
    Ok(images)
}

fn unclear(text: &str) -> String {
    format!(
        "images has {}, which does not begin with https:// or /. Put a space between two addresses, and write a comma \
         in an address as %2C",
        quote(text)
    )
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '|')
}

fn is_absolute(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn ends_in_a_file(address: &str) -> bool {
    address.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

/// The text of a cell. A long one is cut, and ends with `…`.
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{:?}", text[..end].to_owned() + "…"),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_that_is_cut_says_so() {
        let whole = "ä".repeat(LONGEST_QUOTE);
        assert_eq!(quote(&whole), format!("\"{whole}\""));
        assert_eq!(quote(&format!("{whole}b")), format!("\"{whole}…\""));
    }

    #[test]
    fn a_price_is_digits_alone() {
        assert_eq!(price("1999", Currency::Eur), Ok(1999));
        assert_eq!(price("0", Currency::Jpy), Ok(0));
        assert_eq!(price("007", Currency::Eur), Ok(7));
        for cell in [
            "19.99",
            "19,99",
            "19.00",
            "1,999",
            "1.999,00",
            "1 999",
            "€ 19",
            "19€",
            "$19",
            "EUR 19",
            "1E+3",
            "1e3",
            "0x10",
            "-5",
            "+5",
            "(5)",
            "1'999",
            "５",
            "99999999999999999999",
            "cheap",
            "",
        ] {
            let reason = price(cell, Currency::Eur).unwrap_err();
            let begin = "price.EUR must be a whole number of minor units, such as 1999 for 19.99 EUR, and not ";
            assert_eq!(reason, format!("{begin}{cell:?}"));
        }
    }

    #[test]
    fn the_example_of_a_price_has_the_decimals_of_its_currency() {
        assert!(price("1.5", Currency::Jpy).unwrap_err().contains("1999 for 1999 JPY"));
    }

    #[test]
    fn a_reason_does_not_repeat_a_long_cell() {
        assert!(price(&"x".repeat(5000), Currency::Eur).unwrap_err().len() < 200);
    }

    #[test]
    fn a_number_with_a_point_or_a_comma_has_decimals() {
        assert!(["19.99", "19,99", "€ 19.00", "1,999"].into_iter().all(is_decimal));
        assert!(!["1999", "cheap", "n.a.", "-5", "€ 19"].into_iter().any(is_decimal));
    }

    #[test]
    fn words_are_separated_in_any_usual_way() {
        for cell in ["a b", "a,b", "a, b", "a;b", "a | b", "a\nb", "a\r\n b,", " a\tb"] {
            assert_eq!(words(cell), ["a", "b"], "{cell:?}");
        }
    }

    #[test]
    fn addresses_are_separated_in_any_usual_way() {
        let (front, back) = ("https://example.com/front.jpg", "https://example.com/back.jpg");
        for separator in [",", ", ", " ", "  ", "\n", "\r\n", "|", " | ", ";", "; ", ",\n", "\t", ",,"] {
            assert_eq!(images(&format!("{front}{separator}{back}")), Ok(vec![front.to_owned(), back.to_owned()]));
            assert_eq!(images(&format!("{front}{separator}")), Ok(vec![front.to_owned()]), "{separator:?}");
            let paths = images(&format!("{separator}/a.jpg{separator}/b.jpg"));
            assert_eq!(paths, Ok(vec!["/a.jpg".to_owned(), "/b.jpg".to_owned()]), "{separator:?}");
        }
        assert_eq!(images("https://a.example/1,https://a.example/2").unwrap().len(), 2);
        assert_eq!(images("https://a.example/1,http://b.example/2").unwrap().len(), 2);
        assert_eq!(images(" , "), Ok(Vec::new()));
    }

    #[test]
    fn a_comma_within_an_address_is_kept() {
        for address in ["https://a.example/w_200,h_300,c_fill/x.jpg", "https://a.example/x;v=1/y", "/w_1,h_2/x.jpg"] {
            assert_eq!(images(address), Ok(vec![address.to_owned()]));
            assert_eq!(images(&format!("{address}, {address}")).unwrap(), [address; 2]);
        }
    }

    #[test]
    fn addresses_that_cannot_be_told_apart_are_refused() {
        for cell in [
            "https://a.example/front.jpg,back.jpg",
            "https://a.example/front.jpg;back.jpg",
            "https://a.example/front, back",
            "https://a.example/front|back",
            "https://a.example/front,,back",
            "https://a.example/front ,back",
            "https://a.example/1,/2",
            "front.jpg",
            "front.jpg, https://a.example/back.jpg",
        ] {
            let reason = images(cell).unwrap_err();
            assert!(reason.starts_with("images has ") && reason.contains("Put a space between"), "{cell}: {reason}");
        }
    }
}
