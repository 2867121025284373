//! Puts a product together from the cells of an export.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    LONGEST_ROW, Line,
    categories::{Named, NamedCategories},
    html, names, tax, too_long,
};
use crate::input::{
    LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, MOST_ATTRIBUTES, MOST_IMAGES, MOST_VARIANTS, image,
};

pub(super) const NO_PRICE: &str = "has no price: a new product is a draft";
pub(super) const NO_IMAGE: &str = "has no image";

/// The most units that one adjustment of stock can add.
const MOST_UNITS: i64 = 1_000_000;

/// A product of an export.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    title: String,
    description: String,
    is_draft: bool,
    images: Vec<String>,
    attributes: BTreeMap<String, String>,
    categories: NamedCategories,
    /// The tax class of each variant, if the file says it.
    tax_classes: Vec<Option<String>>,
    variants: Vec<Variant>,
    stock: Vec<(String, i64)>,
    warnings: Vec<String>,
    /// Warnings that several parts of the product can have, and of how many parts.
    counts: BTreeMap<String, usize>,
    reasons: Vec<String>,
}

#[derive(Debug)]
struct Variant {
    sku: String,
    options: BTreeMap<String, String>,
    prices: Vec<Value>,
}

impl Assembly {
    pub(super) fn title(&mut self, cell: &str) {
        let title = html::line(cell);
        if title.is_empty() {
            self.refuse("has no title".to_owned());
        }
        self.title = self.cut("the title", title, LONGEST_TITLE);
    }

    /// Adds a paragraph to the description.
    pub(super) fn description(&mut self, html: &str) {
        let text = html::text(html);
        let parts = [std::mem::take(&mut self.description), text].into_iter().filter(|part| !part.is_empty());
        self.description = parts.collect::<Vec<_>>().join("\n\n");
    }

    /// Makes the product a draft. The warning says why it is not on sale.
    pub(super) fn draft(&mut self, why: &str) {
        self.is_draft = true;
        self.warn(format!("{why}, so a new product is a draft"));
    }

    pub(super) fn is_draft(&self) -> bool {
        self.is_draft
    }

    pub(super) fn attribute(&mut self, name: &str, cell: &str) {
        let (name, text) = (html::line(name), html::text(cell));
        if name.is_empty() || text.is_empty() {
            return;
        }
        let name: String = name.chars().take(LONGEST_NAME).collect();
        if self.attributes.len() == MOST_ATTRIBUTES && !self.attributes.contains_key(&name) {
            return self.count(&format!("attributes after the first {MOST_ATTRIBUTES}, which are not imported"));
        }
        let text = self.cut(&format!("the attribute {name}"), text, LONGEST_TEXT);
        self.attributes.entry(name).or_insert(text);
    }

    /// Notes the names of categories.
    pub(super) fn categories(&mut self, named: impl IntoIterator<Item = Named>) {
        self.categories.extend(named);
    }

    /// Notes the tax class of a variant. `None` if the file does not say it.
    pub(super) fn tax_class(&mut self, class: Option<String>) {
        self.tax_classes.push(class);
    }

    /// Adds a picture, unless the product has it. Browsers show no `http` pictures on an `https` page.
    pub(super) fn image(&mut self, cell: &str) {
        let address = cell.trim().replace(' ', "%20");
        let address = if let Some(rest) = address.strip_prefix("http://") {
            self.count("images with an http address, which is changed to https");
            format!("https://{rest}")
        } else if address.starts_with("//") {
            format!("https:{address}")
        } else {
            address
        };
        if address.is_empty() || self.images.contains(&address) {
        } else if image(&address, &()).is_err() {
            self.count("images without the address of a picture, which are not imported");
        } else if self.images.len() == MOST_IMAGES {
            self.count(&format!("images after the first {MOST_IMAGES}, which are not imported"));
        } else {
            self.images.push(address);
        }
    }

    /// Adds a variant, and returns its SKU. A missing SKU is made of `name` and the values of the options.
    pub(super) fn variant(
        &mut self,
        cell: &str,
        name: &str,
        options: Vec<(String, String)>,
        prices: Vec<Value>,
    ) -> String {
        let options: Vec<_> =
            options.into_iter().map(|(name, value)| (html::line(&name), html::line(&value))).collect();
        let made = || names::sku_of_variant(name, options.iter().map(|(_, value)| value.as_str()));
        let cell = names::unquoted(cell);
        let mut sku = names::sku(cell);
        if cell.is_empty() {
            self.count("variants without a SKU, which is made of the name and the options");
            sku = made();
        } else if sku != cell {
            self.warn(format!("the SKU {} is imported as {sku}", super::cell::quote(cell)));
        }
        if self.variants.iter().any(|variant| variant.sku == sku) {
            let other = made();
            self.count("variants with the SKU of another variant, which get one made of the name and the options");
            sku = other;
        }
        let short = |text: &str, most| text.chars().take(most).collect::<String>();
        let options = options.iter().filter(|(name, value)| !name.is_empty() && !value.is_empty());
        let options = options.map(|(name, value)| (short(name, LONGEST_NAME), short(value, LONGEST_TEXT))).collect();
        self.variants.push(Variant { sku: sku.clone(), options, prices });
        sku
    }

    /// Notes the units of a variant.
    pub(super) fn stock(&mut self, sku: &str, cell: &str) {
        // WooCommerce can write a whole number with decimals.
        let whole = cell
            .split_once('.')
            .filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'))
            .map_or(cell, |(whole, _)| whole);
        match whole.parse::<i64>() {
            _ if cell.is_empty() => {}
            Ok(units) if units < 0 => {
                self.count("variants with less than 0 in stock, which are not in the adjustments");
            }
            Ok(units) if units <= MOST_UNITS => self.stock.extend((units > 0).then(|| (sku.to_owned(), units))),
            _ => self.count("variants without a whole number in stock, which are not in the adjustments"),
        }
    }

    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// Adds a warning with the number of the parts that it is about.
    pub(super) fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// Refuses the product.
    pub(super) fn refuse(&mut self, reason: String) {
        self.reasons.push(reason);
    }

    /// The product as a line of the file.
    pub(super) fn line(mut self, number: u32) -> Line {
        let description = std::mem::take(&mut self.description);
        let description = self.cut("the description", description, LONGEST_DESCRIPTION);
        if self.variants.len() > MOST_VARIANTS {
            let count = self.variants.len();
            // The first reason, because many reasons are cut off.
            self.reasons.insert(
                0,
                format!(
                    "has {count} variants, and a product can have at most {MOST_VARIANTS}: make several products of it"
                ),
            );
        }
        if !self.reasons.is_empty() {
            return Line::refused(number, self.reasons.join("; "));
        }
        let unpriced = self.variants.iter().filter(|variant| variant.prices.is_empty()).count();
        if unpriced == self.variants.len() {
            self.is_draft = true;
            self.warn(NO_PRICE.to_owned());
        } else if unpriced > 0 {
            self.counts.insert(
                "variants without a price, which are on sale only if they have one already".to_owned(),
                unpriced,
            );
        }
        if self.images.is_empty() {
            self.warn(NO_IMAGE.to_owned());
        }
        let tax_class = tax::common(&std::mem::take(&mut self.tax_classes));
        for (what, count) in tax_class.other {
            self.counts.insert(what, count);
        }
        self.warnings.extend(tax_class.warning);
        let counts = std::mem::take(&mut self.counts).into_iter().map(|(what, count)| format!("{what}: {count}"));
        self.warnings.extend(counts);
        let variants = std::mem::take(&mut self.variants).into_iter();
        let variants =
            variants.map(|Variant { sku, options, prices }| json!({"sku": sku, "options": options, "prices": prices}));
        let mut product = json!({
            "title": self.title,
            "status": if self.is_draft { "draft" } else { "published" },
            "variants": variants.collect::<Vec<_>>(),
        });
        // What the file does not say does not change a product that exists.
        let texts = [
            ("description", json!(description)),
            ("images", json!(self.images)),
            ("attributes", json!(self.attributes)),
            ("taxClass", json!(tax_class.name.unwrap_or_default())),
        ];
        for (name, value) in texts {
            if ![json!(""), json!([]), json!({})].contains(&value) {
                product[name] = value;
            }
        }
        // Its rows are short enough, but there can be many of them.
        if product.to_string().len() > LONGEST_ROW {
            return Line::refused(number, too_long());
        }
        let Self { warnings, stock, categories, .. } = self;
        Line { number, content: Ok(product), warnings, stock, categories }
    }

    fn cut(&mut self, what: &str, text: String, most: usize) -> String {
        let length = text.chars().count();
        if length <= most {
            return text;
        }
        self.warn(format!("{what} has {length} characters and is cut to {most}"));
        text.chars().take(most).collect::<String>().trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests;
