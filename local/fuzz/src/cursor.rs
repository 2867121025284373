//! A list's cursor: only one that the list gave goes on with it.

use contracts::Role;
use lambda::testing::{Request, user};
use serde_json::json;

use catalog::operations::{create_product::function as create_product, list_products::function as list_products};

use crate::Service;

thread_local! {
    /// A catalog of two products, and the cursor from the first to the second.
    static LIST: (Service, String) = {
        let catalog = Service::open();
        let cursor = catalog.run(async {
            for title in ["Lamp", "Stool"] {
                let product = json!({"title": title, "variants": []});
                let request = Request::new("POST", "/v1/products").from(user(1), &[Role::Merchant]).json(&product);
                assert_eq!(catalog.harness.call(create_product, request).await.status, 201);
            }
            let request = Request::new("GET", "/v1/products").query("limit", 1);
            catalog.harness.call(list_products, request).await.json["nextCursor"].as_str().map(str::to_owned)
        });
        (catalog, cursor.expect("there is a second page"))
    };
}

/// Lists from a cursor that differs from a known one by these bits.
pub fn cursor(bytes: &[u8]) {
    LIST.with(|(catalog, known)| {
        let length = known.len().max(bytes.len());
        let at = |of: &[u8], place: usize| of.get(place).copied().unwrap_or_default();
        let mixed: Vec<u8> = (0..length).map(|place| at(known.as_bytes(), place) ^ at(bytes, place)).collect();
        let cursor = String::from_utf8_lossy(&mixed);
        let request = Request::new("GET", "/v1/products").query("cursor", &cursor);
        let status = catalog.run(catalog.harness.call(list_products, request)).status;
        let expected: &[u16] = if cursor == *known { &[200] } else { &[400, 422] };
        assert!(expected.contains(&status), "{status} for the cursor {cursor:?}");
    });
}
