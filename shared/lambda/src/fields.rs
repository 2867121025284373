//! Checks and readings of fields that the inputs of several services have.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// Reads a field of a merge patch (RFC 7396), for `deserialize_with`: `null` removes the field, so it has the value of a
/// resource without the field. The attribute `default` makes an absent field `None`.
///
/// # Errors
/// If the value is not of the type.
pub fn default_if_null<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    field: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(field).map(|value| Some(value.unwrap_or_default()))
}

/// Checks a time that a merchant sets: it must be in the years 2000 to 2099, which catches typing errors.
///
/// # Errors
/// If it is in another year.
pub fn usual_time(time: &Timestamp, (): &()) -> garde::Result {
    // The beginnings of the years 2000 and 2100.
    if (946_684_800..4_102_444_800).contains(&time.as_second()) {
        Ok(())
    } else {
        Err(garde::Error::new("must be in the years 2000 to 2099"))
    }
}

/// Checks that a list contains each value once.
///
/// # Errors
/// If it contains a value again.
pub fn each_once<T: Ord>(values: &[T], (): &()) -> garde::Result {
    let mut seen = BTreeSet::new();
    if values.iter().all(|value| seen.insert(value)) {
        Ok(())
    } else {
        Err(garde::Error::new("must not contain the same value twice"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_this_century() {
        let is_usual = |time: &str| usual_time(&time.parse().unwrap(), &()).is_ok();
        let times = ["1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "2100-01-01T00:00:00Z"];
        assert_eq!(times.map(is_usual), [false, true, true, false]);
    }

    #[test]
    fn a_value_that_occurs_twice_is_refused() {
        assert!(each_once(&[1, 3, 2], &()).is_ok() && each_once::<u8>(&[], &()).is_ok());
        assert!(each_once(&[1, 2, 1], &()).is_err());
    }
}
