//! The products of the demo shop, as documents.

use std::collections::BTreeMap;

use contracts::{Currency, events::catalog::Price};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Document, Engine, Index, Named, Offer, Query, Signals, Snapshot, Synonyms, pack};

#[derive(Deserialize)]
struct Shop {
    departments: Vec<Department>,
    products: Vec<Product>,
}

#[derive(Deserialize)]
struct Department {
    name: String,
    aisles: Vec<String>,
}

#[derive(Deserialize)]
struct Product {
    title: String,
    description: String,
    category: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
struct Variant {
    sku: String,
    #[serde(default)]
    options: BTreeMap<String, String>,
    prices: BTreeMap<Currency, i64>,
    stock: u32,
}

/// The demo shop.
pub(super) fn demo() -> Vec<Document> {
    let shop: Shop = yaml_serde::from_str(include_str!("../../../../local/demo/shop.yaml")).unwrap();
    let products = (1..).zip(&shop.products);
    products.map(|(number, product)| document(number, product, &shop.departments)).collect()
}

fn document(number: u128, product: &Product, departments: &[Department]) -> Document {
    let parent = departments.iter().find(|department| department.aisles.contains(&product.category));
    let parent = parent.map(|department| &department.name);
    let categories: Vec<_> = parent.into_iter().chain([&product.category]).map(|name| category(name)).collect();
    Document {
        text: product.description.clone(),
        own_categories: vec![category(&product.category).id],
        categories,
        attributes: product.attributes.clone(),
        variants: product.variants.iter().map(offer).collect(),
        signals: Signals { in_stock: product.variants.iter().any(|one| one.stock > 0), ..Signals::default() },
        ..blank(number, &product.title)
    }
}

/// A category of a name, always with the same id.
pub(super) fn category(name: &str) -> Named {
    let number = name.bytes().fold(7, |number: u128, byte| number * 257 + u128::from(byte));
    Named { id: Uuid::from_u128(number).into(), name: name.to_owned() }
}

fn offer(variant: &Variant) -> Offer {
    let prices = variant.prices.iter().map(|(currency, amount)| price(*amount, *currency)).collect();
    Offer { sku: variant.sku.parse().unwrap(), options: variant.options.clone(), prices }
}

pub(super) fn price(amount: i64, currency: Currency) -> Price {
    Price { amount, currency, valid_from: None, valid_to: None }
}

/// A product with a title and nothing else.
pub(super) fn blank(number: u128, title: &str) -> Document {
    Document {
        id: Uuid::from_u128(number).into(),
        product_version: 1,
        title: title.to_owned(),
        text: String::new(),
        image: None,
        own_categories: Vec::new(),
        categories: Vec::new(),
        attributes: BTreeMap::new(),
        variants: Vec::new(),
        signals: Signals { in_stock: true, ..Signals::default() },
    }
}

/// An engine over documents.
pub(super) fn engine(documents: Vec<Document>) -> Index {
    Index::new(Snapshot::open(pack(documents).unwrap()).unwrap(), &[], Synonyms::default()).unwrap()
}

/// The titles of the hits for a text.
pub(super) fn titles(engine: &Index, text: &str) -> Vec<String> {
    let found = engine.search(&Query::new(text, jiff::Timestamp::UNIX_EPOCH)).unwrap();
    found.hits.into_iter().map(|hit| hit.document.title).collect()
}
