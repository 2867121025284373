//! The invariants of the search at quiescence: its entries are the products on sale, with their stock and the names of
//! their categories, and its snapshots are complete.

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
    let categories = of_kind(&catalog, "category#");
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
        for found in document["categories"].as_array().into_iter().flatten() {
            let is = categories.iter().find(|category| category["id"] == found["id"]).map(|category| &category["name"]);
            expect(world, is == Some(&found["name"]), "the search has the names of categories", || {
                format!("{id} is found in the category {}, which is now {is:?}", found["name"])
            });
        }
        let variants = product["content"]["variants"].as_array().into_iter().flatten();
        let skus: Vec<_> = variants.map(|variant| &variant["sku"]).collect();
        let sellable = |level: &Value| skus.contains(&&level["sku"]) && level["available"].as_i64() > Some(0);
        let is = levels.iter().any(sellable);
        expect(world, document["signals"]["inStock"] == is, "the search knows what is in stock", || {
            format!("{id} is {}in stock, and the search says otherwise", if is { "" } else { "not " })
        });
    }
    check_snapshots(world, &catalog);
}

/// Each snapshot that can be read has all its chunks, and no chunk is left of a snapshot that is not named.
fn check_snapshots(world: &World, catalog: &[Value]) {
    let heads = of_kind(catalog, "head#");
    let of = |list: &'static str| heads.iter().flat_map(move |head| head[list].as_array().into_iter().flatten());
    let key = |stored: &Value, part: u64| format!("snap#{}#{part}", stored["number"]);
    let keys =
        |stored: &Value| (0..stored["chunks"].as_u64().unwrap_or_default()).map(|part| key(stored, part)).collect();
    let kept: Vec<Vec<String>> = of("kept").map(keys).collect();
    let others: Vec<Vec<String>> = of("reserved").chain(of("replaced")).map(keys).collect();
    let chunks: Vec<_> =
        catalog.iter().filter_map(|item| item["pk"].as_str()).filter(|pk| pk.starts_with("snap#")).collect();
    for key in kept.iter().flatten() {
        expect(world, chunks.contains(&&**key), "a snapshot has all its chunks", || format!("{key} does not exist"));
    }
    for chunk in chunks {
        let is_named = kept.iter().chain(&others).flatten().any(|key| key == chunk);
        expect(world, is_named, "a snapshot that is replaced is deleted", || format!("{chunk} is left"));
    }
}
