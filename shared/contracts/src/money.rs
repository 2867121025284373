//! Money: an integer amount in minor units, and a currency.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A currency (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Swiss franc.
    Chf,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Japanese yen, which has no minor unit.
    Jpy,
    /// Kuwaiti dinar, whose minor unit is a thousandth.
    Kwd,
    /// US dollar.
    Usd,
}

impl Currency {
    /// The ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chf => "CHF",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
            Self::Usd => "USD",
        }
    }

    /// Decimal digits of the minor unit (ISO 4217).
    pub const fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Kwd => 3,
            Self::Chf | Self::Eur | Self::Gbp | Self::Usd => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money in minor units: `{"amount": 1299, "currency": "EUR"}` is 12.99 €.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in minor units: cents, pence, yen, thousandths of a dinar.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

/// An amount that cannot be calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The two amounts are in different currencies.
    #[error("amounts in {0} and {1} cannot be combined")]
    CurrencyMismatch(Currency, Currency),
    /// The result does not fit into 64 bits.
    #[error("the amount is out of range")]
    OutOfRange,
}

impl Money {
    /// Creates an amount from minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Zero, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_add)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_sub)
    }

    /// The amount, multiplied by a quantity.
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        self.amount.checked_mul(i64::from(quantity)).map(|amount| Self { amount, ..self }).ok_or(MoneyError::OutOfRange)
    }

    /// The sum of all amounts. Zero if there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// Splits the amount in proportion to `weights`, to the last minor unit, by the largest remainder. Among equal
    /// remainders, the earlier part gets the unit. If all weights are 0, the parts are equal.
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        let even = weights.iter().all(|weight| *weight == 0);
        let weight = |at: usize| if even { 1 } else { i128::from(weights[at]) };
        let total: i128 = (0..weights.len()).map(weight).sum();
        let share = |at: usize| i128::from(self.amount.unsigned_abs()) * weight(at);
        let mut parts: Vec<i128> = (0..weights.len()).map(|at| share(at) / total).collect();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|at| std::cmp::Reverse(share(*at) % total));
        let left = i128::from(self.amount.unsigned_abs()) - parts.iter().sum::<i128>();
        for at in by_remainder.into_iter().take(usize::try_from(left).unwrap_or_default()) {
            parts[at] += 1;
        }
        let signed = |part: i128| i64::try_from(part * i128::from(self.amount.signum())).unwrap_or_default();
        parts.into_iter().map(|part| Self { amount: signed(part), ..self }).collect()
    }

    fn combined(self, other: Self, by: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        by(self.amount, other.amount).map(|amount| Self { amount, ..self }).ok_or(MoneyError::OutOfRange)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.currency.digits());
        let (sign, amount) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        match self.currency.digits() {
            0 => write!(f, "{sign}{amount} {}", self.currency),
            digits => write!(
                f,
                "{sign}{}.{:0width$} {}",
                amount / unit,
                amount % unit,
                self.currency,
                width = digits as usize
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    #[test]
    fn a_split_gives_the_odd_cents_to_the_largest_remainders() {
        assert_eq!(eur(100).split(&[1, 1, 1]), [eur(34), eur(33), eur(33)]);
        assert_eq!(eur(100).split(&[1, 2]), [eur(33), eur(67)]);
        assert_eq!(eur(-5).split(&[0, 0]), [eur(-3), eur(-2)]);
        assert_eq!(eur(7).split(&[]), []);
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_wrap() {
        let yen = Money::new(1, Currency::Jpy);
        assert_eq!(eur(1).plus(yen), Err(MoneyError::CurrencyMismatch(Currency::Eur, Currency::Jpy)));
        assert_eq!(eur(i64::MAX).plus(eur(1)), Err(MoneyError::OutOfRange));
        assert_eq!(eur(i64::MAX).times(2), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn an_amount_reads_in_major_units() {
        assert_eq!(eur(-1205).to_string(), "-12.05 EUR");
        assert_eq!(Money::new(300, Currency::Jpy).to_string(), "300 JPY");
        assert_eq!(Money::new(1205, Currency::Kwd).to_string(), "1.205 KWD");
    }
}
