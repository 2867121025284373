//! Prices with decimals, as exports of other shops have them.

use contracts::Currency;

use super::cell::quote;

/// Reads a price in major units, such as `19.99` or `19,99`, as minor units. A notation that has two meanings is
/// refused: `1,299` may be one or a thousand. `1.299` is too, unless the currency has three decimals.
pub(super) fn price(cell: &str, currency: Currency) -> Result<i64, String> {
    let refused = |why: &str| Err(format!("has the price {}, which {why}", quote(cell)));
    let Some((whole, fraction)) = parts(cell) else {
        return refused("is not an amount such as 19.99");
    };
    let digits = currency.digits() as usize;
    let separators: Vec<&str> = cell.matches(['.', ',']).collect();
    if fraction.len() == 3 && separators.len() == 1 {
        match (digits, separators[0]) {
            // Three decimals are usual, and exports write them with a point.
            (3, ".") => {}
            (3, _) => return refused("can mean a thousand or one: write it with a decimal point"),
            _ => return refused("can mean a thousand or one: write it with two decimals"),
        }
    }
    let significant = fraction.trim_end_matches('0');
    if significant.len() > digits {
        return refused(&format!("has more decimals than {currency}"));
    }
    let minor = format!("{whole}{significant:0<digits$}");
    minor.parse().or_else(|_| refused("is too high"))
}

/// The digits before the decimal separator, without separators of thousands, and those after it.
fn parts(cell: &str) -> Option<(String, &str)> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let last = cell.rfind(['.', ',']);
    let (whole, fraction) = match last {
        // Two of the same separate thousands.
        Some(at) if cell.matches(&cell[at..=at]).count() == 1 => (&cell[..at], &cell[at + 1..]),
        _ => (cell, ""),
    };
    let is_whole = is_digits(whole) || grouped(whole, '.') || grouped(whole, ',');
    let has_digits = is_whole && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let ends_in_digit = cell.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    (has_digits && ends_in_digit).then(|| (whole.replace(['.', ','], ""), fraction))
}

/// Whether a number has its thousands separated: `1.299.000`.
fn grouped(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let is_group = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && is_group(first));
    first && groups.all(|group| group.len() == 3 && is_group(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_with_the_digits_of_its_currency() {
        for (cell, currency, minor) in [
            ("19.99", Currency::Eur, 1999),
            ("19,99", Currency::Eur, 1999),
            ("19.9", Currency::Usd, 1990),
            ("19", Currency::Gbp, 1900),
            (".99", Currency::Eur, 99),
            ("0.00", Currency::Eur, 0),
            ("19.9900", Currency::Eur, 1999),
            ("1,299.00", Currency::Eur, 129_900),
            ("1.299,00", Currency::Eur, 129_900),
            ("1,299,000", Currency::Usd, 129_900_000),
            ("1,299,000.5", Currency::Usd, 129_900_050),
            ("1200", Currency::Jpy, 1200),
            ("1200.00", Currency::Jpy, 1200),
        ] {
            assert_eq!(price(cell, currency), Ok(minor), "{cell} {currency}");
        }
    }

    #[test]
    fn a_price_that_is_not_certain_is_refused() {
        for (cell, part) in [
            ("1,299", "a thousand or one"),
            ("1.000", "a thousand or one"),
            ("19.995", "a thousand or one"),
            ("19.9951", "more decimals than EUR"),
            ("12.34.56", "not an amount"),
            ("1,29,000.00", "not an amount"),
            ("€ 19", "not an amount"),
            ("-5", "not an amount"),
            ("19.", "not an amount"),
            (".", "not an amount"),
            ("1E+3", "not an amount"),
            ("from 5", "not an amount"),
            ("99999999999999999999", "too high"),
        ] {
            let reason = price(cell, Currency::Eur).unwrap_err();
            assert!(reason.contains(part) && reason.contains(cell), "{cell}: {reason}");
        }
        for (cell, minor) in
            [("1.299", Some(1299)), ("1,299.500", Some(1_299_500)), ("12,5", Some(12_500)), ("1,299", None)]
        {
            assert_eq!(price(cell, Currency::Kwd).ok(), minor, "{cell} KWD");
        }
        let reason = price("1,299", Currency::Kwd).unwrap_err();
        assert!(reason.contains("a thousand or one: write it with a decimal point"), "{reason}");
        assert!(price("12.5", Currency::Jpy).unwrap_err().contains("more decimals than JPY"));
    }
}
