//! The invariant of prices: what a quote and an order must cost, calculated from the goods and the country alone.

use serde_json::Value;

use crate::promotions;

pub(crate) const INVARIANT: &str = "a price is the goods, shipping and tax, once";

/// The products: SKU, price in cents, number of units, and tax class.
pub(crate) const SHELF: [(&str, i64, u32, &str); 3] =
    [("LAMP", 4999, 3, "standard"), ("MOON", 6900, 5, "standard"), ("CHAIR", 12_900, 2, "reduced")];
/// The price of shipping in cents.
pub(crate) const SHIPPING: i64 = 490;

/// A country that the shop ships to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Country {
    pub(crate) code: &'static str,
    /// Percent, of goods and shipping.
    pub(crate) standard: i64,
    /// Percent.
    pub(crate) reduced: i64,
    /// Whether prices contain the tax.
    pub(crate) included: bool,
}

pub(crate) const BRITAIN: Country = Country { code: "GB", standard: 20, reduced: 0, included: false };
pub(crate) const GERMANY: Country = Country { code: "DE", standard: 19, reduced: 7, included: true };

impl Country {
    /// The country that an order was placed for: only one of them has prices that contain the tax. `None` if the order is
    /// not one of the shop's, but of a scenario.
    pub(crate) fn of_order(order: &Value) -> Option<Self> {
        let mut skus = order["lines"].as_array().into_iter().flatten().map(|line| &line["sku"]);
        let is_ours = skus.all(|sku| SHELF.iter().any(|(own, ..)| sku == own));
        is_ours.then_some(if order["totals"]["taxIncluded"] == true { GERMANY } else { BRITAIN })
    }

    /// The tax on an amount in cents, rounded half up.
    fn tax(self, class: &str, cents: i64) -> i64 {
        let percent = if class == "reduced" { self.reduced } else { self.standard };
        let whole = if self.included { 100 + percent } else { 100 };
        (2 * cents * percent + whole) / (2 * whole)
    }
}

/// Checks the lines and totals of a quote or an order.
///
/// # Errors
/// The first amount that differs, and what it must be.
pub(crate) fn check(priced: &Value, country: Country) -> Result<(), String> {
    let amount = |of: &Value, name: &str| of[name]["amount"].as_i64().unwrap_or(i64::MIN);
    let is = |what: String, is: i64, right: i64| {
        if is == right { Ok(()) } else { Err(format!("{what} is {is} instead of {right}")) }
    };
    let (mut items, mut off, mut taxes) = (0, 0, country.tax("standard", SHIPPING));
    for line in priced["lines"].as_array().into_iter().flatten() {
        let (sku, quantity) = (line["sku"].as_str().unwrap_or_default(), line["quantity"].as_i64().unwrap_or_default());
        let (_, cents, _, class) = SHELF.iter().find(|(own, ..)| *own == sku).ok_or(format!("{sku} is not sold"))?;
        let discount = promotions::discount(line, cents * quantity);
        let (total, tax) = (cents * quantity - discount, country.tax(class, cents * quantity - discount));
        is(format!("the price of {sku}"), amount(line, "unitPrice"), *cents)?;
        is(format!("the discount on {sku}"), amount(line, "discount"), discount)?;
        is(format!("the total of {sku}"), amount(line, "total"), total)?;
        is(format!("the tax on {sku}"), amount(line, "tax"), tax)?;
        (items, off, taxes) = (items + cents * quantity, off + discount, taxes + tax);
    }
    let added = if country.included { 0 } else { taxes };
    let totals = &priced["totals"];
    let right = [("items", items), ("discount", off), ("shipping", SHIPPING), ("tax", taxes)];
    for (name, right) in right.into_iter().chain([("total", items - off + SHIPPING + added)]) {
        is(name.to_owned(), amount(totals, name), right)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A lamp and two chairs.
    fn priced(lamp: i64, chairs: i64, tax: i64, total: i64) -> Value {
        let eur = |amount: i64| json!({"amount": amount, "currency": "EUR"});
        let line = |sku: &str, cents: i64, quantity: i64, tax: i64| {
            json!({
                "sku": sku, "quantity": quantity, "unitPrice": eur(cents), "discount": eur(0), "total": eur(cents * quantity),
                "tax": eur(tax),
            })
        };
        json!({
            "lines": [line("LAMP", 4999, 1, lamp), line("CHAIR", 12_900, 2, chairs)],
            "totals": {"items": eur(30_799), "discount": eur(0), "shipping": eur(490), "tax": eur(tax), "total": eur(total)},
        })
    }

    #[test]
    fn tax_is_added_once_or_contained() {
        // 49.99 × 20 % = 9.998 and 4.90 × 20 % = 0.98.
        assert_eq!(check(&priced(1000, 0, 1098, 32_387), BRITAIN), Ok(()));
        // 49.99 × 19 / 119 = 7.98, 258.00 × 7 / 107 = 16.88 and 4.90 × 19 / 119 = 0.78.
        assert_eq!(check(&priced(798, 1688, 2564, 31_289), GERMANY), Ok(()));
        let twice = check(&priced(798, 1688, 2564, 31_289 + 2564), GERMANY);
        assert_eq!(twice, Err("total is 33853 instead of 31289".to_owned()));
        assert_eq!(
            check(&priced(950, 1688, 2716, 0), GERMANY),
            Err("the tax on LAMP is 950 instead of 798".to_owned())
        );
    }
}
