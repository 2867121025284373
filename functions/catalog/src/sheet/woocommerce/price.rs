//! The prices of a row: the regular price, and a sale price with the days on which it is valid.

use contracts::Currency;
use csv::StringRecord;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::sheet::{
    amount,
    assembly::Assembly,
    cell::quote,
    columns::{Columns, Place, cell},
};

pub(super) struct Places {
    regular: Place,
    sale: Place,
    starts: Place,
    ends: Place,
}

impl Places {
    pub(super) fn of(columns: &mut Columns) -> Self {
        Self {
            regular: columns.named(&["Regular price"]),
            sale: columns.named(&["Sale price"]),
            starts: columns.named(&["Date sale price starts"]),
            ends: columns.named(&["Date sale price ends"]),
        }
    }
}

/// The prices of a row as JSON. A sale without an end replaces the regular price.
pub(super) fn of(
    product: &mut Assembly,
    places: &Places,
    row: &StringRecord,
    currency: Currency,
) -> Result<Vec<Value>, String> {
    let read = |at| Some(cell(row, at)).filter(|cell| !cell.is_empty()).map(|cell| amount::price(cell, currency));
    let (regular, sale) = (read(places.regular).transpose()?, read(places.sale).transpose()?);
    let price = |amount: i64, from: Option<&str>, to: Option<&str>| {
        let mut price = json!({"currency": currency, "amount": amount});
        for (name, time) in [("validFrom", from), ("validTo", to)] {
            if let Some(time) = time {
                price[name] = time.into();
            }
        }
        price
    };
    let Some(sale) = sale.filter(|sale| regular.is_none_or(|regular| *sale < regular)) else {
        return Ok(regular.into_iter().map(|amount| price(amount, None, None)).collect());
    };
    let starts = day(cell(row, places.starts), 0)?;
    // The sale includes its last day.
    let ends = day(cell(row, places.ends), 1)?;
    if starts.as_ref().zip(ends.as_ref()).is_some_and(|(starts, ends)| ends <= starts) {
        return Err("has a sale price that ends before it starts".to_owned());
    }
    if regular.is_some() && starts.is_none() && ends.is_none() {
        product.count("variants with a sale price, which replaces the regular price");
    }
    let before = regular.zip(starts.as_deref()).map(|(amount, starts)| price(amount, None, Some(starts)));
    let after = regular.zip(ends.as_deref()).map(|(amount, ends)| price(amount, Some(ends), None));
    let during = price(sale, starts.as_deref(), ends.as_deref());
    Ok([before, Some(during), after].into_iter().flatten().collect())
}

/// The begin of a day in UTC, some days later. A time after the date is left out.
fn day(cell: &str, later: i64) -> Result<Option<String>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    let date = cell.get(..10).and_then(|date| date.parse::<Date>().ok());
    let time = date.and_then(|date| date.checked_add(later.days()).ok()?.to_zoned(TimeZone::UTC).ok());
    let time = time
        .ok_or_else(|| format!("has {} as a date of its sale price, and not a date such as 2026-01-31", quote(cell)))?;
    Ok(Some(time.timestamp().to_string()))
}
