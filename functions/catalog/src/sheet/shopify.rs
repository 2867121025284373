//! Exports of Shopify: several rows a product, which have the same handle. The first has the texts; the others are
//! variants, pictures, or both.

use std::collections::HashMap;

use contracts::Currency;
use csv::StringRecord;
use serde_json::{Value, json};

use super::{
    Line, amount,
    assembly::Assembly,
    boolean, categories,
    cell::quote,
    columns::{Columns, Place, cell},
    names,
    records::Record,
    tax,
};

/// The columns that are read. Shopify renamed most of them in 2025.
struct Places {
    handle: Place,
    title: Place,
    body: Place,
    published: Place,
    status: Place,
    gift_card: Place,
    options: [(Place, Place); 3],
    sku: Place,
    price: Place,
    compare_at: Place,
    stock: Place,
    taxable: Place,
    image: Place,
    position: Place,
    variant_image: Place,
    category: Place,
    kind: Place,
    /// Columns that are attributes, by the attribute's name.
    attributes: Vec<(usize, String)>,
}

impl Places {
    fn of(columns: &mut Columns) -> Self {
        let mut option = |number: u32| {
            let (name, value) = (format!("Option{number} Name"), format!("Option{number} Value"));
            // A link says only which metafield has the values.
            columns.named(&[&format!("Option{number} Linked To")]);
            (columns.named(&[&name]), columns.named(&[&value]))
        };
        let options = [option(1), option(2), option(3)];
        Self {
            handle: columns.named(&["Handle", "URL handle"]),
            title: columns.named(&["Title"]),
            body: columns.named(&["Body (HTML)", "Description", "Body"]),
            published: columns.named(&["Published", "Published on online store"]),
            status: columns.named(&["Status"]),
            gift_card: columns.named(&["Gift Card"]),
            options,
            sku: columns.named(&["Variant SKU", "SKU"]),
            price: columns.named(&["Variant Price", "Price"]),
            compare_at: columns.named(&["Variant Compare At Price", "Compare-at price"]),
            stock: columns.named(&["Variant Inventory Qty", "Inventory quantity"]),
            taxable: columns.named(&["Variant Taxable", "Charge tax"]),
            image: columns.named(&["Image Src", "Product image URL"]),
            position: columns.named(&["Image Position"]),
            variant_image: columns.named(&["Variant Image", "Variant image URL"]),
            category: columns.named(&["Product category"]),
            kind: columns.named(&["Type"]),
            attributes: columns.all(attribute),
        }
    }
}

/// The attribute of a column: `Material (product.metafields.shopify.material)` is `Material`.
fn attribute(column: &str) -> Option<String> {
    let usual = ["vendor", "type", "tags", "product category"];
    if let Some(usual) = usual.into_iter().find(|usual| column.eq_ignore_ascii_case(usual)) {
        return Some(if usual == "product category" { "category" } else { usual }.to_owned());
    }
    let (name, field) = column.split_once("(product.metafields.")?;
    Some(name.trim()).filter(|name| !name.is_empty() && field.ends_with(')')).map(str::to_owned)
}

/// Rows with one handle, each with its line.
type Group<'a> = Vec<(u32, &'a StringRecord)>;

pub(super) fn read(columns: &mut Columns, rows: &[Record], currency: Currency) -> Vec<Line> {
    let places = Places::of(columns);
    let (mut groups, mut known): (Vec<(String, Group<'_>)>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    let (mut lines, mut previous) = (Vec::new(), None);
    for (number, row) in rows {
        let row = match row {
            Ok(row) => row,
            Err(reason) => {
                lines.push(Line::refused(*number, reason.clone()));
                previous = None;
                continue;
            }
        };
        let (handle, title) = (cell(row, places.handle), cell(row, places.title));
        let handle = if handle.is_empty() { names::handle(title) } else { handle.to_owned() };
        // A row without a handle belongs to the product of the row before it.
        let same = previous.filter(|_| handle.is_empty());
        let at = match same {
            Some(at) => at,
            None if handle.is_empty() => {
                lines.push(Line::refused(*number, "has no handle".to_owned()));
                continue;
            }
            None => *known.entry(handle.clone()).or_insert(groups.len()),
        };
        previous = Some(at);
        if at == groups.len() {
            groups.push((handle, Vec::new()));
        }
        groups[at].1.push((*number, row));
    }
    lines.extend(groups.iter().map(|(handle, group)| product(&places, handle, group, currency)));
    lines.sort_by_key(|line| line.number);
    lines
}

fn product(places: &Places, handle: &str, group: &Group<'_>, currency: Currency) -> Line {
    let first = |at: Place| {
        let mut cells = group.iter().map(|(_, row)| cell(row, at)).filter(|cell| !cell.is_empty());
        cells.next().unwrap_or_default()
    };
    let mut product = Assembly::default();
    product.title(first(places.title));
    product.description(first(places.body));
    if boolean::read(first(places.gift_card)) == Some(true) {
        product.refuse("is a gift card, which cannot be imported".to_owned());
    }
    if let Some(why) = unpublished(first(places.status), first(places.published)) {
        product.draft(&why);
    }
    for (at, name) in &places.attributes {
        product.attribute(name, first(Some(*at)));
    }
    product.categories(categories::one(first(places.category), Some("category")));
    // A type is a text that need not be a category.
    product.categories(categories::one(first(places.kind), None));
    let mut images: Vec<_> = group
        .iter()
        .map(|(_, row)| (cell(row, places.position).parse().unwrap_or(u32::MAX), cell(row, places.image)))
        .collect();
    images.sort_by_key(|(position, _)| *position);
    for (_, address) in images {
        product.image(address);
    }
    let names = places.options.map(|(name, _)| first(name));
    let is_variant = |row: &&(u32, &StringRecord)| {
        let values = places.options.iter().map(|(_, value)| *value);
        values.chain([places.sku, places.price]).any(|at| !cell(row.1, at).is_empty())
    };
    let variants: Vec<_> = group.iter().filter(is_variant).collect();
    // A product without variants has one, which has no options.
    for (number, row) in if variants.is_empty() { vec![&group[0]] } else { variants } {
        variant(&mut product, places, handle, (*number, row), names, currency);
    }
    product.line(group[0].0)
}

fn variant(
    product: &mut Assembly,
    places: &Places,
    handle: &str,
    (number, row): (u32, &StringRecord),
    option_names: [&str; 3],
    currency: Currency,
) {
    let values = places.options.map(|(_, value)| cell(row, value));
    // This is what Shopify writes if a product has no options.
    let given = option_names.into_iter().zip(values).filter(|(_, value)| !matches!(*value, "" | "Default Title"));
    let named = |(at, (name, value)): (usize, (&str, &str))| {
        let name = if name.is_empty() { format!("Option {at}") } else { name.to_owned() };
        (name, value.to_owned())
    };
    let options = (1..).zip(given).map(named).collect();
    let read = |at| Some(cell(row, at)).filter(|cell| !cell.is_empty()).map(|cell| amount::price(cell, currency));
    let price = match read(places.price).transpose() {
        Ok(price) => price,
        Err(reason) => return product.refuse(format!("line {number} {reason}")),
    };
    if let (Some(price), Some(Ok(before))) = (price, read(places.compare_at))
        && before > price
    {
        product.count("variants with a compare-at price, which is not imported");
    }
    // What is taxable can have any tax class here.
    let is_untaxed = boolean::read(cell(row, places.taxable)) == Some(false);
    product.tax_class(is_untaxed.then(|| tax::NOT_TAXABLE.to_owned()));
    let prices: Vec<Value> = price.into_iter().map(|amount| json!({"currency": currency, "amount": amount})).collect();
    let sku = product.variant(cell(row, places.sku), handle, options, prices);
    product.stock(&sku, cell(row, places.stock));
    product.image(cell(row, places.variant_image));
}

/// Why a product is not on sale in the shop that the file is from.
fn unpublished(status: &str, published: &str) -> Option<String> {
    if !matches!(status.to_ascii_lowercase().as_str(), "" | "active") {
        return Some(format!("has the status {}", quote(status)));
    }
    match boolean::read(published) {
        Some(false) => Some("is not published".to_owned()),
        None if !published.is_empty() => Some(format!("has {} as Published", quote(published))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
