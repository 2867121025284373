//! Amounts as a visitor reads them.

use contracts::{Currency, Money};

/// The currencies that a visitor can choose.
pub(crate) const CHOICES: [Currency; 3] = [Currency::Eur, Currency::Gbp, Currency::Usd];

/// The highest price that the catalog knows, in minor units.
const HIGHEST: i64 = 1_000_000_000;

/// An amount in minor units, from one in units of the currency: `12`, `12.50` or `12,50`. `None` if it is none.
pub(crate) fn entered(text: &str, currency: Currency) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = currency.digits() as usize;
    if whole.is_empty() || part.len() > digits || !(whole.bytes().chain(part.bytes())).all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok().filter(|amount| *amount <= HIGHEST)
}

/// An amount with the sign of its currency: `€1,049.99`, `CHF 12.00`, `¥1,200`.
pub(crate) fn shown(money: Money) -> String {
    let digits = money.currency.digits() as usize;
    let minor = format!("{:0width$}", money.amount.unsigned_abs(), width = digits + 1);
    let (whole, part) = minor.split_at(minor.len() - digits);
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let minus = if money.amount < 0 { "−" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    format!("{minus}{}{grouped}{point}{part}", sign(money.currency))
}

/// An amount as machines read it: `1049.99`.
pub(crate) fn decimal(money: Money) -> String {
    let digits = money.currency.digits() as usize;
    let minor = format!("{:0width$}", money.amount.unsigned_abs(), width = digits + 1);
    let (whole, part) = minor.split_at(minor.len() - digits);
    let minus = if money.amount < 0 { "-" } else { "" };
    if part.is_empty() { format!("{minus}{whole}") } else { format!("{minus}{whole}.{part}") }
}

const fn sign(currency: Currency) -> &'static str {
    match currency {
        Currency::Chf => "CHF\u{a0}",
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Jpy => "¥",
        Currency::Kwd => "KWD\u{a0}",
        Currency::Usd => "$",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_the_sign_and_the_digits_of_its_currency() {
        let of = |amount, currency| shown(Money::new(amount, currency));
        assert_eq!(of(4999, Currency::Eur), "€49.99");
        assert_eq!(of(5, Currency::Gbp), "£0.05");
        assert_eq!(of(123_456_789, Currency::Usd), "$1,234,567.89");
        assert_eq!(of(-500, Currency::Eur), "−€5.00");
        assert_eq!(of(1200, Currency::Jpy), "¥1,200");
        assert_eq!(of(1250, Currency::Kwd), "KWD\u{a0}1.250");
        assert_eq!(of(100_000, Currency::Chf), "CHF\u{a0}1,000.00");
    }

    #[test]
    fn machines_read_an_amount_without_sign_and_groups() {
        assert_eq!(decimal(Money::new(123_456, Currency::Eur)), "1234.56");
        assert_eq!(decimal(Money::new(1200, Currency::Jpy)), "1200");
        assert_eq!(decimal(Money::new(-5, Currency::Eur)), "-0.05");
    }
}
