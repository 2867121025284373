//! The invariant of the search at quiescence: its entries are the products on sale, with their stock.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    quiescence::{expect, of_kind, scan},
    world::World,
};

/// Checks the entries of all products. `levels` are inventory's.
pub(crate) async fn check(world: &World, levels: &[Value]) {
    let catalog = scan(world, "catalog").await;
    let named = |items: Vec<Value>, kind: &str| -> BTreeMap<String, Value> {
        let id = |item: &Value| item["pk"].as_str().and_then(|pk| pk.strip_prefix(kind)).unwrap_or_default().to_owned();
        items.into_iter().map(|item| (id(&item), item)).collect()
    };
    let entries = named(of_kind(&catalog, "doc#"), "doc#");
    for (id, product) in named(of_kind(&catalog, "product#"), "product#") {
        let document = entries.get(&id).map_or(&Value::Null, |entry| &entry["document"]);
        if product["status"] != "published" {
            expect(world, document.is_null(), "only what is on sale is found", || format!("{id} is still found"));
            continue;
        }
        let (found, is) = (&document["productVersion"], &product["version"]);
        expect(world, found == is, "the search has what the catalog has", || {
            format!("{id} has version {is}, and the search has version {found}")
        });
        let variants = product["content"]["variants"].as_array().into_iter().flatten();
        let skus: Vec<_> = variants.map(|variant| &variant["sku"]).collect();
        let sellable = |level: &Value| skus.contains(&&level["sku"]) && level["available"].as_i64() > Some(0);
        let is = levels.iter().any(sellable);
        expect(world, document["signals"]["inStock"] == is, "the search knows what is in stock", || {
            format!("{id} is {}in stock, and the search says otherwise", if is { "" } else { "not " })
        });
    }
}
