//! Exports of WooCommerce: a row for each product, and a row for each variation of a product, which names its parent by
//! SKU or by id.

mod price;

use std::collections::{HashMap, HashSet};

use contracts::Currency;
use csv::StringRecord;

use super::{
    Line,
    assembly::Assembly,
    categories,
    cell::quote,
    columns::{Columns, Place, cell},
    names,
    records::Record,
    tax,
};

/// The columns that are read.
struct Places {
    id: Place,
    kind: Place,
    sku: Place,
    name: Place,
    published: Place,
    visibility: Place,
    short: Place,
    description: Place,
    tax_status: Place,
    tax_class: Place,
    categories: Place,
    stock: Place,
    images: Place,
    parent: Place,
    prices: price::Places,
    /// The name and the values of each attribute.
    attributes: Vec<(Place, Place)>,
    /// Columns that are attributes, by the attribute's name.
    texts: Vec<(usize, String)>,
}

impl Places {
    fn of(columns: &mut Columns) -> Self {
        let numbered = |column: &str, end: &str| {
            let column = column.to_ascii_lowercase();
            column.strip_prefix("attribute ")?.strip_suffix(end)?.trim().parse::<u32>().ok()
        };
        let values = columns.all(|column| numbered(column, "value(s)"));
        let of = |number: u32| values.iter().find(|(_, other)| *other == number).map(|(at, _)| *at);
        let attributes = columns.all(|column| numbered(column, "name"));
        let attributes = attributes.into_iter().map(|(at, number)| (Some(at), of(number))).collect();
        // These say how an attribute is shown.
        for end in ["visible", "global", "default"] {
            columns.all(|column| numbered(column, end));
        }
        Self {
            id: columns.named(&["ID"]),
            kind: columns.named(&["Type"]),
            sku: columns.named(&["SKU"]),
            name: columns.named(&["Name"]),
            published: columns.named(&["Published"]),
            visibility: columns.named(&["Visibility in catalog", "Visibility in catalogue"]),
            short: columns.named(&["Short description"]),
            description: columns.named(&["Description"]),
            tax_status: columns.named(&["Tax status"]),
            tax_class: columns.named(&["Tax class"]),
            categories: columns.named(&["Categories"]),
            stock: columns.named(&["Stock"]),
            images: columns.named(&["Images"]),
            parent: columns.named(&["Parent"]),
            prices: price::Places::of(columns),
            attributes,
            texts: columns.all(text),
        }
    }

    /// The attributes of a row that have a name.
    fn attributes<'a>(&self, row: &'a StringRecord) -> Vec<(&'a str, &'a str)> {
        let cells = self.attributes.iter().map(|(name, value)| (cell(row, *name), cell(row, *value)));
        cells.filter(|(name, _)| !name.is_empty()).collect()
    }
}

/// The attribute of a column that is one.
fn text(column: &str) -> Option<String> {
    let column = column.to_ascii_lowercase();
    let is_measure = ["weight (", "length (", "width (", "height ("].iter().any(|begin| column.starts_with(begin));
    (is_measure || matches!(column.as_str(), "categories" | "tags" | "brands")).then_some(column)
}

type Row<'a> = (u32, &'a StringRecord);

pub(super) fn read(columns: &mut Columns, rows: &[Record], currency: Currency) -> Vec<Line> {
    let places = Places::of(columns);
    let mut lines = Vec::new();
    let (mut products, mut variations): (Vec<Row<'_>>, Vec<Row<'_>>) = (Vec::new(), Vec::new());
    for (number, row) in rows {
        match row {
            Err(reason) => lines.push(Line::refused(*number, reason.clone())),
            Ok(row) if kinds(&places, row).contains(&"variation".to_owned()) => variations.push((*number, row)),
            Ok(row) => products.push((*number, row)),
        }
    }
    let mut places_of_parents: HashMap<String, usize> = HashMap::new();
    for (at, (_, row)) in products.iter().enumerate() {
        let keys = [format!("id:{}", cell(row, places.id)), cell(row, places.sku).to_owned()];
        for key in keys.into_iter().filter(|key| !key.is_empty()) {
            places_of_parents.entry(key).or_insert(at);
        }
    }
    let mut children: Vec<Vec<Row<'_>>> = vec![Vec::new(); products.len()];
    for (number, row) in variations {
        let parent = cell(row, places.parent);
        let why = match places_of_parents.get(parent) {
            // Such a variation remains from the time when the product had variations. It is not on sale.
            Some(at) if kinds(&places, products[*at].1).contains(&"simple".to_owned()) => "has the type simple",
            Some(at) => {
                children[*at].push((number, row));
                continue;
            }
            None => "the file does not have",
        };
        lines.push(Line::refused(number, format!("is a variation of {}, which {why}", quote(parent))));
    }
    let made = products.iter().zip(&children);
    lines.extend(made.map(|(row, variations)| product(&places, *row, variations, currency)));
    lines.sort_by_key(|line| line.number);
    lines
}

/// The types of a row, which can be several: `simple, downloadable, virtual`.
fn kinds(places: &Places, row: &StringRecord) -> Vec<String> {
    let kinds = cell(row, places.kind).split(',').map(|kind| kind.trim().to_ascii_lowercase());
    kinds.filter(|kind| !kind.is_empty()).collect()
}

fn product(places: &Places, (number, row): Row<'_>, variations: &[Row<'_>], currency: Currency) -> Line {
    let mut product = Assembly::default();
    product.title(cell(row, places.name));
    // The exporter writes line ends as two characters.
    let unescaped = |at| cell(row, at).replace("\\r", "").replace("\\n", "\n");
    product.description(&unescaped(places.short));
    product.description(&unescaped(places.description));
    let kinds = kinds(places, row);
    let sold = ["simple", "variable", "virtual", "downloadable"];
    if let Some(other) = kinds.iter().find(|kind| !sold.contains(&kind.as_str())) {
        product.refuse(format!("has the type {}, which cannot be imported", quote(other)));
    }
    if kinds.iter().any(|kind| kind == "downloadable") {
        product.warn("is downloadable: its files are not imported".to_owned());
    }
    match cell(row, places.published) {
        "" | "1" => {}
        "0" => product.draft("is private"),
        "-1" => product.draft("is a draft"),
        other => product.draft(&format!("has {} as Published", quote(other))),
    }
    // It cannot be withdrawn again once it is published.
    if cell(row, places.visibility).eq_ignore_ascii_case("hidden") {
        product.draft("is hidden from the catalog");
    }
    for address in images(cell(row, places.images)) {
        product.image(address);
    }
    let choices: HashSet<&str> =
        variations.iter().flat_map(|(_, row)| places.attributes(row)).map(|(name, _)| name).collect();
    for (name, values) in places.attributes(row).into_iter().filter(|(name, _)| !choices.contains(name)) {
        product.attribute(name, &unescaped_commas(values));
    }
    for (at, name) in &places.texts {
        product.attribute(name, &unescaped_commas(cell(row, Some(*at))));
    }
    product.categories(categories::several(cell(row, places.categories), "categories"));
    let base = name_of(places, row);
    let class = tax_class(&mut product, places, row, None);
    if kinds.iter().any(|kind| kind == "variable") || !variations.is_empty() {
        if !matches!(cell(row, places.stock), "" | "0") {
            product.warn("has a stock for all variations together, which is not in the adjustments".to_owned());
        }
        for variation in variations {
            let class = tax_class(&mut product, places, variation.1, Some(&class));
            product.tax_class(class);
            add_variation(&mut product, places, &base, cell(row, places.sku), *variation, currency);
        }
    } else {
        let prices = price::of(&mut product, &places.prices, row, currency);
        match prices {
            Ok(prices) => {
                product.tax_class(class);
                let sku = product.variant(cell(row, places.sku), &base, Vec::new(), prices);
                product.stock(&sku, cell(row, places.stock));
            }
            Err(reason) => product.refuse(reason),
        }
    }
    product.line(number)
}

/// The exporter writes a comma in an entry of a list as two characters.
fn unescaped_commas(cell: &str) -> String {
    cell.replace("\\,", ",")
}

fn add_variation(
    product: &mut Assembly,
    places: &Places,
    base: &str,
    parent: &str,
    (number, row): Row<'_>,
    currency: Currency,
) {
    let prices = match price::of(product, &places.prices, row, currency) {
        Ok(prices) => prices,
        Err(reason) => return product.refuse(format!("line {number} {reason}")),
    };
    // Only the status of the parent counts if that is a draft: the exporter repeats it here.
    let is_withheld = matches!(cell(row, places.published), "0" | "-1") && !product.is_draft();
    if is_withheld {
        product.count("variations that are not published, whose prices are not imported");
    }
    let options = places.attributes(row).into_iter();
    let (open, options): (Vec<_>, Vec<_>) = options.partition(|(_, value)| value.is_empty());
    if !open.is_empty() {
        product.count("variations that take any value of an attribute, which is not imported");
    }
    let options = options.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for address in images(cell(row, places.images)) {
        product.image(address);
    }
    // A variation without a SKU has that of its parent.
    let own = Some(cell(row, places.sku)).filter(|sku| *sku != parent).unwrap_or_default();
    let sku = product.variant(own, base, options, if is_withheld { Vec::new() } else { prices });
    if cell(row, places.stock) != "parent" {
        product.stock(&sku, cell(row, places.stock));
    }
}

/// The tax class of a row, if the file says it. `parent` is that of the product of a variation.
fn tax_class(
    product: &mut Assembly,
    places: &Places,
    row: &StringRecord,
    parent: Option<&Option<String>>,
) -> Option<String> {
    let status = cell(row, places.tax_status).to_ascii_lowercase();
    if matches!(status.as_str(), "none" | "shipping") {
        return Some(tax::NOT_TAXABLE.to_owned());
    }
    let class = cell(row, places.tax_class);
    match parent {
        Some(parent) if places.tax_class.is_none() || class.eq_ignore_ascii_case("parent") => parent.clone(),
        _ if places.tax_class.is_none() => None,
        _ => tax::of_woocommerce(class).map_err(|why| product.count(&why)).ok(),
    }
}

/// The text that SKUs of a product are made of: its own SKU, or its name with its id, because names occur twice.
fn name_of(places: &Places, row: &StringRecord) -> String {
    let sku = names::unquoted(cell(row, places.sku));
    if !sku.is_empty() {
        return sku.to_owned();
    }
    let parts = [names::handle(cell(row, places.name)), cell(row, places.id).to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The addresses of a cell. A comma separates two only if an address follows it.
fn images(cell: &str) -> Vec<&str> {
    let mut images = Vec::new();
    let mut begin = 0;
    for (at, _) in cell.match_indices(',') {
        let after = cell[at + 1..].trim_start();
        if after.starts_with("http://") || after.starts_with("https://") {
            images.push(cell[begin..at].trim());
            begin = at + 1;
        }
    }
    images.push(cell[begin..].trim());
    images
}

#[cfg(test)]
mod tests;
