//! A product with its prices, as the catalog answers it, and its prices as fields of a form.

use std::collections::BTreeMap;

use contracts::{
    Currency, ProductId, Sku,
    events::catalog::{Price, Variant},
};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest, Form};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Storefront, money, signed::Signed};

/// A product, on sale or not.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) title: String,
    pub(crate) status: ProductStatus,
    pub(crate) tax_class: String,
    pub(crate) variants: Vec<Variant>,
}

/// The status of a product. One that is archived is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShownProductStatus")]
pub(crate) enum ProductStatus {
    /// Not on sale yet.
    Draft,
    Published,
}

/// The prices of a product as fields: a row for each variant, a field for each currency.
#[derive(Debug)]
pub(crate) struct PriceForm {
    pub(crate) currencies: Vec<Currency>,
    pub(crate) rows: Vec<PriceRow>,
}

#[derive(Debug)]
pub(crate) struct PriceRow {
    variant: Variant,
    pub(crate) cells: Vec<PriceCell>,
}

/// A field with a price.
#[derive(Debug)]
pub(crate) struct PriceCell {
    pub(crate) currency: Currency,
    /// The name of the field.
    pub(crate) name: String,
    /// What is entered.
    pub(crate) value: String,
    /// The price that holds now.
    now: String,
    pub(crate) is_wrong: bool,
}

/// The options of a variant in one text: `red, large`.
pub(crate) fn options(options: &BTreeMap<String, String>) -> String {
    options.values().map(String::as_str).collect::<Vec<_>>().join(", ")
}

impl PriceForm {
    /// The prices that hold at a time.
    pub(crate) fn of(variants: &[Variant], now: Timestamp) -> Self {
        let prices = || variants.iter().flat_map(|variant| &variant.prices);
        let others = prices().map(|price| price.currency).filter(|currency| !money::CHOICES.contains(currency));
        let others = others.collect::<std::collections::BTreeSet<_>>();
        let currencies: Vec<_> = money::CHOICES.into_iter().chain(others).collect();
        let cell = |variant: &Variant, currency: Currency| {
            let price = variant.prices.iter().find(|price| price.currency == currency && price.holds_at(now));
            let value = price.map(|price| money::decimal(price.money())).unwrap_or_default();
            let name = format!("{}.{currency}", variant.sku);
            PriceCell { currency, name, now: value.clone(), value, is_wrong: false }
        };
        let row = |variant: &Variant| PriceRow {
            variant: variant.clone(),
            cells: currencies.iter().map(|currency| cell(variant, *currency)).collect(),
        };
        Self { rows: variants.iter().map(row).collect(), currencies }
    }

    /// The prices of now with what was entered. What was left as it was shown is as it is now.
    pub(crate) fn entered(variants: &[Variant], form: &Form, now: Timestamp) -> Self {
        let mut prices = Self::of(variants, now);
        for row in &mut prices.rows {
            let shown = form.text(row.variant.sku.as_str()).unwrap_or_default();
            let shown: BTreeMap<_, _> = shown.split(' ').filter_map(|part| part.split_once('=')).collect();
            for cell in &mut row.cells {
                let Some(shown) = shown.get(cell.currency.code()) else { continue };
                let entered = form.text(&cell.name).unwrap_or_default().trim();
                if entered != *shown {
                    cell.value = entered.to_owned();
                    cell.is_wrong = !entered.is_empty() && money::entered(entered, cell.currency).is_none();
                }
            }
        }
        prices
    }

    /// The wrong fields: the id of each, the SKU and the currency.
    pub(crate) fn faults(&self) -> Vec<(String, &Sku, Currency)> {
        let of = |row: &'_ PriceRow| -> Vec<_> {
            let wrong = row.cells.iter().filter(|cell| cell.is_wrong);
            wrong.map(|cell| (cell.id(), cell.currency)).collect()
        };
        let faults =
            self.rows.iter().flat_map(|row| of(row).into_iter().map(|(id, currency)| (id, row.sku(), currency)));
        faults.collect()
    }

    /// The variants with the entered prices. A field that is empty takes the price away.
    pub(crate) fn variants(&self, now: Timestamp) -> Vec<Variant> {
        let changed = |row: &PriceRow| {
            let prices = row.cells.iter().fold(row.variant.prices.clone(), |prices, cell| {
                repriced(prices, cell.currency, money::entered(&cell.value, cell.currency), now)
            });
            Variant { prices, ..row.variant.clone() }
        };
        self.rows.iter().map(changed).collect()
    }
}

impl PriceRow {
    pub(crate) fn sku(&self) -> &Sku {
        &self.variant.sku
    }

    pub(crate) fn options(&self) -> String {
        options(&self.variant.options)
    }

    /// The prices that the form shows. The form sends them back, so that a changed price can be told from an unchanged one.
    pub(crate) fn shown(&self) -> String {
        let shown = self.cells.iter().map(|cell| format!("{}={}", cell.currency, cell.now));
        shown.collect::<Vec<_>>().join(" ")
    }
}

impl PriceCell {
    pub(crate) fn id(&self) -> String {
        self.name.replace('.', "-")
    }

    /// The price that holds now, if another one is entered.
    pub(crate) fn other(&self) -> Option<&str> {
        (self.value != self.now).then_some(self.now.as_str())
    }
}

/// Prices with another one in a currency from now on, or with none. Prices of other times stay.
fn repriced(mut prices: Vec<Price>, currency: Currency, amount: Option<i64>, now: Timestamp) -> Vec<Price> {
    let at = prices.iter().position(|price| price.currency == currency && price.holds_at(now));
    match (at, amount) {
        (Some(at), Some(amount)) => prices[at].amount = amount,
        (Some(at), None) => drop(prices.remove(at)),
        (None, None) => {}
        (None, Some(amount)) => {
            let own = || prices.iter().filter(|price| price.currency == currency);
            // From the end of the last price until the start of the next: two may not hold at the same time.
            let valid_from = own().filter_map(|price| price.valid_to).filter(|to| *to <= now).max();
            let valid_to = own().filter_map(|price| price.valid_from).filter(|from| *from > now).min();
            prices.push(Price { amount, currency, valid_from, valid_to });
        }
    }
    prices
}

impl Storefront {
    /// A product, and the tag of its version.
    pub(crate) async fn product(&self, signed: &Signed, id: ProductId) -> Result<(Product, String), ApiError> {
        let request = ApiRequest::get(format!("/v1/products/{id}"));
        let (product, tag) = self.catalog.send_tagged(signed.with_token(request)).await?;
        Ok((product, tag.unwrap_or_default()))
    }

    /// Replaces the variants of a product at a version.
    pub(crate) async fn set_variants(
        &self,
        signed: &Signed,
        id: ProductId,
        tag: &str,
        variants: &[Variant],
    ) -> Result<(), ApiError> {
        let request = ApiRequest::new(http::Method::PATCH, format!("/v1/products/{id}")).header("if-match", tag);
        let request = request.json(&json!({"variants": variants}));
        self.catalog.send::<Value>(signed.with_token(request)).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    #[expect(clippy::unnecessary_wraps, reason = "prices have no time or one")]
    fn at(hours: i64) -> Option<Timestamp> {
        Some(NOW + SignedDuration::from_hours(hours))
    }

    fn price(amount: i64, valid_from: Option<Timestamp>, valid_to: Option<Timestamp>) -> Price {
        Price { amount, currency: Currency::Eur, valid_from, valid_to }
    }

    fn variant(prices: Vec<Price>) -> Variant {
        Variant { sku: "A.1".parse().unwrap(), options: BTreeMap::default(), prices }
    }

    #[test]
    fn the_price_that_holds_is_replaced_and_those_of_other_times_and_currencies_stay() {
        let franc = Price { currency: Currency::Chf, ..price(700, None, None) };
        let all = vec![price(500, None, at(0)), price(600, at(0), at(9)), price(900, at(9), None), franc];
        let new = repriced(all.clone(), Currency::Eur, Some(650), NOW);
        assert_eq!((new[1].clone(), new.len()), (price(650, at(0), at(9)), 4));
        assert_eq!([&new[0], &new[2], &new[3]], [&all[0], &all[2], &all[3]]);
        assert_eq!(repriced(all.clone(), Currency::Eur, None, NOW), [all[0].clone(), all[2].clone(), all[3].clone()]);
    }

    #[test]
    fn a_new_price_holds_between_those_before_and_after_it() {
        let around = vec![price(500, at(-9), at(-2)), price(500, None, at(-9)), price(900, at(9), None)];
        let new = repriced(around, Currency::Eur, Some(700), NOW);
        assert_eq!(new[3], price(700, at(-2), at(9)));
        assert_eq!(repriced(Vec::new(), Currency::Eur, Some(700), NOW), [price(700, None, None)]);
        assert_eq!(repriced(Vec::new(), Currency::Eur, None, NOW), []);
    }

    #[test]
    fn a_field_that_was_left_as_it_was_shows_what_is_there_now() {
        let entered = |shown: &str, value: &str| {
            let form = Form::from_pairs(&[("A.1", shown), ("A.1.EUR", value), ("A.1.GBP", "1.00")]);
            let form = PriceForm::entered(&[variant(vec![price(600, None, None)])], &form, NOW);
            let cell = &form.rows[0].cells[0];
            (cell.value.clone(), cell.other().map(str::to_owned), cell.is_wrong)
        };
        assert_eq!(entered("EUR=5.00 GBP=", "5.00"), ("6.00".to_owned(), None, false));
        assert_eq!(entered("EUR=5.00 GBP=", "5.50"), ("5.50".to_owned(), Some("6.00".to_owned()), false));
        assert_eq!(entered("EUR=5.00 GBP=", "x"), ("x".to_owned(), Some("6.00".to_owned()), true));
        assert_eq!(entered("EUR=5.00 GBP=", ""), (String::new(), Some("6.00".to_owned()), false));
        // A field that the form did not have is not emptied.
        assert_eq!(entered("GBP=", ""), ("6.00".to_owned(), None, false));
    }

    #[test]
    fn every_currency_that_a_variant_is_sold_in_has_a_column() {
        let franc = Price { currency: Currency::Chf, ..price(700, None, None) };
        let form = PriceForm::of(&[variant(vec![franc.clone(), franc])], NOW);
        assert_eq!(form.currencies, [Currency::Eur, Currency::Gbp, Currency::Usd, Currency::Chf]);
        assert_eq!((form.rows[0].shown().as_str(), form.faults().len()), ("EUR= GBP= USD= CHF=7.00", 0));
    }
}
