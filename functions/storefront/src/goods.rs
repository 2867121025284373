//! Goods in the summary of a checkout and of an order, and the sum that they come to.

use std::collections::BTreeMap;

use contracts::{Money, ProductId, Sku};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    aisle::Aisles,
    cart::{CartLine, Totals},
    item::Item,
    link,
    shell::Shell,
};

/// A line of a quote or an order, as its owner answers it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sold {
    pub(crate) sku: Sku,
    /// A signed quote says `product`.
    #[serde(alias = "product")]
    pub(crate) product_id: ProductId,
    pub(crate) title: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Money,
    #[serde(default)]
    pub(crate) tax_class: Option<String>,
    pub(crate) tax: Money,
    pub(crate) total: Money,
}

impl Sold {
    /// The units and their price: `2 × Fold desk lamp at €49.99`.
    pub(crate) fn priced(&self, shell: &Shell) -> String {
        let price = shell.money(self.unit_price);
        shell.texts.filled("line-priced", &[("quantity", &self.quantity), ("title", &self.title), ("price", &price)])
    }
}

/// A line of a summary.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SummaryLine")]
pub(crate) struct Goods {
    pub(crate) sku: Sku,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) title: String,
    /// The options of the variant in one text.
    pub(crate) options: String,
    /// The path of the product's page. `null` if it is no longer sold.
    pub(crate) path: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Money,
    /// The price of all units, before discounts.
    pub(crate) amount: Money,
    #[serde(skip)]
    pub(crate) hue: &'static str,
}

/// What the shop knows of a variant, for its line in a list.
#[derive(Debug)]
pub(crate) struct Look {
    /// The options in one text.
    pub(crate) options: String,
    /// The path of the product's page. `None` if it is not sold.
    pub(crate) path: Option<String>,
    pub(crate) picture: Option<String>,
    /// The class with the colour of its department.
    pub(crate) hue: &'static str,
}

impl Look {
    pub(crate) fn of(sku: &Sku, product_id: Option<ProductId>, title: &str, items: &[Item], aisles: &Aisles) -> Self {
        let item = items.iter().find(|item| Some(item.id) == product_id);
        let content = item.and_then(|item| item.content.as_ref());
        let own = content.and_then(|content| content.variants.iter().find(|(own, _)| own == sku));
        let options = |(_, options): &(Sku, BTreeMap<String, String>)| {
            options.values().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let on_sale = item.filter(|item| item.on_sale().is_some());
        let path = |item: &Item| format!("{}?sku={}", link::product(item.id, title), link::part(sku.as_str()));
        Self {
            options: own.map(options).unwrap_or_default(),
            path: on_sale.map(path),
            picture: item.and_then(|item| item.picture_of(Some(sku))).map(str::to_owned),
            hue: content.and_then(|content| content.categories.first()).map(|id| aisles.hue(*id)).unwrap_or_default(),
        }
    }
}

/// A step of a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SumStep")]
pub(crate) struct Step {
    pub(crate) description: String,
    pub(crate) amount: Money,
}

impl Goods {
    /// The line of a cart. `None` if it cannot be bought.
    pub(crate) fn in_cart(line: &CartLine, items: &[Item], aisles: &Aisles) -> Option<Self> {
        let price = line.unit_price.filter(|_| line.total.is_some())?;
        Self::of(&line.sku, line.product_id, &line.title, (line.quantity, price), items, aisles)
    }

    /// The line of a quote or an order.
    pub(crate) fn sold(line: &Sold, items: &[Item], aisles: &Aisles) -> Option<Self> {
        Self::of(&line.sku, Some(line.product_id), &line.title, (line.quantity, line.unit_price), items, aisles)
    }

    fn of(
        sku: &Sku,
        product_id: Option<ProductId>,
        title: &str,
        (quantity, unit_price): (u32, Money),
        items: &[Item],
        aisles: &Aisles,
    ) -> Option<Self> {
        let Look { options, path, picture, hue } = Look::of(sku, product_id, title, items, aisles);
        let (sku, title, amount) = (sku.clone(), title.to_owned(), unit_price.times(quantity).ok()?);
        Some(Self { sku, product_id, title, options, path, picture, quantity, unit_price, amount, hue })
    }

    /// The title with the options of the variant: `Fold desk lamp, red`.
    pub(crate) fn name(&self) -> String {
        if self.options.is_empty() { self.title.clone() } else { format!("{}, {}", self.title, self.options) }
    }
}

/// What goods come to, step by step: where a quote says no more than its totals.
pub(crate) fn steps(goods: &[Goods], totals: &Totals, shell: &Shell) -> Vec<Step> {
    let line =
        |line: &Goods| Step { description: format!("{} × {}", line.quantity, line.name()), amount: line.amount };
    let mut steps: Vec<_> = goods.iter().map(line).collect();
    if totals.discount.amount != 0 {
        let amount = Money::new(-totals.discount.amount, totals.discount.currency);
        steps.push(Step { description: shell.t("sum-discounts"), amount });
    }
    steps.push(Step { description: shell.t("sum-delivery"), amount: totals.shipping });
    steps
}

/// The tax for each tax class, and that on delivery, which the lines do not have.
pub(crate) fn taxes(lines: &[Sold], totals: &Totals, shell: &Shell) -> Vec<Step> {
    let mut classes: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for line in lines {
        let (net, tax) = classes.entry(line.tax_class.as_deref().unwrap_or("standard")).or_default();
        *net += line.total.amount - if totals.tax_included { line.tax.amount } else { 0 };
        *tax += line.tax.amount;
    }
    let currency = totals.total.currency;
    let on_lines: i64 = classes.values().map(|(_, tax)| tax).sum();
    let class = |(class, (net, tax)): (&str, (i64, i64))| {
        let rate = match class {
            "standard" => shell.t("tax-standard"),
            "reduced" => shell.t("tax-reduced"),
            other => shell.w("tax-class", "name", other),
        };
        let on = shell.money(Money::new(net, currency));
        let key = if totals.tax_included { "tax-includes" } else { "tax-added" };
        Step {
            description: shell.texts.filled(key, &[("rate", &rate), ("net", &on)]),
            amount: Money::new(tax, currency),
        }
    };
    let mut steps: Vec<_> = classes.into_iter().map(class).collect();
    let on_delivery = totals.tax.amount - on_lines;
    if on_delivery != 0 {
        let key = if totals.tax_included { "tax-includes-delivery" } else { "tax-added-delivery" };
        steps.push(Step { description: shell.t(key), amount: Money::new(on_delivery, currency) });
    }
    steps
}

#[cfg(test)]
mod tests {
    use contracts::Currency;

    use super::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    fn sold(class: &str, total: i64, tax: i64) -> Sold {
        let json = serde_json::json!({
            "sku": "A", "product": "prd_00000000000000000000000000000001", "title": "A", "quantity": 1,
            "unitPrice": eur(total), "taxClass": class, "tax": eur(tax), "total": eur(total),
        });
        serde_json::from_value(json).unwrap()
    }

    fn totals(tax: i64, tax_included: bool) -> Totals {
        let zero = eur(0);
        Totals { items: zero, discount: zero, shipping: zero, tax: eur(tax), tax_included, total: zero }
    }

    fn told(lines: &[Sold], totals: &Totals) -> Vec<(String, i64)> {
        let steps = taxes(lines, totals, &Shell::default());
        steps.into_iter().map(|step| (step.description, step.amount.amount)).collect()
    }

    #[test]
    fn tax_is_told_for_each_class_and_for_delivery() {
        let lines = [sold("standard", 4999, 798), sold("reduced", 2600, 170), sold("standard", 1000, 160)];
        let both = told(&lines, &totals(1128 + 78, true));
        assert_eq!(
            both,
            [
                ("Includes tax at the reduced rate on €24.30".to_owned(), 170),
                ("Includes tax at the standard rate on €50.41".to_owned(), 958),
                ("Includes tax on delivery".to_owned(), 78),
            ]
        );
        let added = told(&[sold("books", 1000, 40)], &totals(40, false));
        assert_eq!(added, [("Tax at the rate for books on €10.00".to_owned(), 40)]);
    }
}
