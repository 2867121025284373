//! Percentages, in exact integers.

use std::{borrow::Cow, fmt, str::FromStr};

use contracts::{Money, MoneyError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The number of parts in 100 %: a percentage has at most four decimals.
const WHOLE: u32 = 1_000_000;
/// The number of parts in 1 %.
const ONE: u32 = WHOLE / 100;

/// A percentage from 0 to 100 with up to four decimals. It is a string, such as `"7.7"`, so that it is exact. A
/// number is also accepted as input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub(crate) struct Percent {
    /// Millionths of the whole, at most [`WHOLE`].
    parts: u32,
}

/// A number that is not a percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a percentage from 0 to 100 with up to four decimals")]
pub(crate) struct InvalidPercent;

/// The input forms of a percentage.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a percentage such as \"7.7\"")]
enum Written {
    Text(String),
    Whole(u64),
    Fraction(f64),
}

impl TryFrom<Written> for Percent {
    type Error = InvalidPercent;

    fn try_from(written: Written) -> Result<Self, InvalidPercent> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Whole(number) => number.to_string().parse(),
            // The shortest text that reads back as this number, which is the text that the sender wrote.
            Written::Fraction(number) => (number + 0.0).to_string().parse(), // -0 is 0
        }
    }
}

impl FromStr for Percent {
    type Err = InvalidPercent;

    fn from_str(text: &str) -> Result<Self, InvalidPercent> {
        // The integer parser also accepts a sign.
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole, 3) || !digits(decimals, 4) {
            return Err(InvalidPercent);
        }
        let number = |digits: &str| digits.parse::<u32>().map_err(|_| InvalidPercent);
        let parts = number(whole)? * ONE + number(&format!("{decimals:0<4}"))?;
        if parts <= WHOLE { Ok(Self { parts }) } else { Err(InvalidPercent) }
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.parts / ONE, self.parts % ONE);
        match format!("{decimals:04}").trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            decimals => write!(f, "{whole}.{decimals}"),
        }
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"], "pattern": r"^\d{1,3}(\.\d{1,4})?$", "minimum": 0, "maximum": 100})
    }
}

impl Percent {
    /// Nothing.
    pub(crate) const ZERO: Self = Self { parts: 0 };
    /// The whole.
    pub(crate) const ALL: Self = Self { parts: WHOLE };

    /// This percentage of an amount, rounded half up to the minor unit.
    pub(crate) fn of(self, money: Money) -> Result<Money, MoneyError> {
        self.share(money, WHOLE)
    }

    /// The tax that an amount contains if this percentage of the amount without tax was added to it, rounded half up to
    /// the minor unit: `amount × r / (100 + r)`.
    pub(crate) fn contained_in(self, money: Money) -> Result<Money, MoneyError> {
        self.share(money, WHOLE + self.parts)
    }

    fn share(self, money: Money, whole: u32) -> Result<Money, MoneyError> {
        let (whole, twice) = (i128::from(whole), 2 * i128::from(self.parts));
        // Half of the divisor is added before the division, so that a half is rounded away from 0.
        let share = (i128::from(money.amount.unsigned_abs()) * twice + whole) / (2 * whole);
        let signed = i64::try_from(share * i128::from(money.amount.signum()));
        signed.map(|amount| Money { amount, ..money }).map_err(|_| MoneyError::OutOfRange)
    }

    /// Whether the percentage is 0.
    pub(crate) const fn is_zero(self) -> bool {
        self.parts == 0
    }
}

#[cfg(test)]
mod tests {
    use contracts::Currency;

    use super::*;

    fn percent(text: &str) -> Percent {
        text.parse().unwrap()
    }

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    #[test]
    fn a_share_is_rounded_half_up() {
        let share = |text: &str, amount| percent(text).of(eur(amount)).unwrap().amount;
        assert_eq!((share("20", 4999), share("50", 1), share("49.9999", 1), share("7.7", 1000)), (1000, 1, 0, 77));
        assert_eq!((share("0", i64::MAX), share("100", i64::MAX)), (0, i64::MAX));
        assert_eq!((share("50", -1), share("49.9999", -1), share("100", i64::MIN + 1)), (-1, 0, i64::MIN + 1));
    }

    #[test]
    fn the_tax_that_a_price_contains_is_rounded_half_up() {
        let contained = |text: &str, amount| percent(text).contained_in(eur(amount)).unwrap().amount;
        // 9.99 / 1.20 = 8.325, so 1.665 of it is tax.
        assert_eq!(contained("20", 999), 167);
        // 4000.00 / 1.19 = 3361.3445…, so 638.6554… of it is tax.
        assert_eq!(contained("19", 400_000), 63_866);
        // 15.00 / 1.19 = 12.6050…, so 2.3949… of it is tax.
        assert_eq!(contained("19", 1500), 239);
        assert_eq!((contained("25", 12_500), contained("15", 11_500), contained("0", 500)), (2500, 1500, 0));
        // A half is rounded up, and what is below a half is rounded down.
        assert_eq!((contained("100", 1), contained("99.9999", 1)), (1, 0));
        assert_eq!((contained("100", i64::MAX), contained("20", 0)), (i64::MAX / 2 + 1, 0));
    }

    #[test]
    fn a_percentage_is_exact_and_within_bounds() {
        let read = |json: &str| serde_json::from_str::<Percent>(json).map(|percent| percent.to_string());
        assert_eq!(read("\"7.70\"").unwrap(), "7.7");
        assert_eq!(read("7.7").unwrap(), "7.7");
        assert_eq!(read("20").unwrap(), "20");
        assert_eq!(read("-0.0").unwrap(), "0");
        assert_eq!(read("\"007.0625\"").unwrap(), "7.0625");
        assert_eq!((read("\"0.0001\"").unwrap(), read("100").unwrap()), ("0.0001".to_owned(), "100".to_owned()));
        for json in ["-1", "100.1", "100.00000000000001", "0.00001", "-1e-323", "1e-323", "true"] {
            assert!(read(json).is_err(), "{json}");
        }
        let long = format!("0.{}1", "0".repeat(40));
        for text in ["0.00001", "many", "", ".5", "5.", "+5", "-5", "-0", "1_0", "1e1", "٣", "100.0001", "0100", &long]
        {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }
}
