//! Catalog: products, categories, prices, search, imports.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Body, Scenario, Step,
    Who::{Anyone, Merchant},
    again, call, event, invoke, message, run,
};

const ROWS: &str = "text/csv";

pub(crate) fn scenarios() -> Vec<Scenario> {
    [products(), price_lists(), search(), events()].concat()
}

/// Categories, products and imports.
fn products() -> Vec<Scenario> {
    vec![
        call(Merchant, "create-category").json(json!({"name": "Lamps"})).gives("categoryId", "/id"),
        call(Merchant, "create-category")
            .variant("in another")
            .json(json!({"name": "Desk lamps", "parentId": "{categoryId}"})),
        call(Merchant, "update-category").json(json!({"name": "Lights"})).settles(),
        call(Anyone, "list-categories").query("limit=100").after([run("create-category")]),
        call(Merchant, "create-product")
            .json(json!({
                "title": "Desk lamp",
                "description": "Folds flat.",
                "categoryIds": ["{categoryId}"],
                "images": ["https://images.souk.example/desk-lamp.webp"],
                "attributes": {"material": "steel"},
                "variants": [variant("{newSku}", "red"), variant("{secondSku}", "blue")],
            }))
            .fresh("newSku", "LAMP-")
            .fresh("secondSku", "LAMP-")
            .gives("productId", "/id")
            .gives("sku", "/variants/0/sku")
            .settles(),
        call(Anyone, "get-product"),
        call(Anyone, "list-products").query("categoryId={categoryId}&limit=20").after([run("create-product")]),
        call(Anyone, "list-products").variant("of a SKU").query("sku={sku}").after([run("create-product")]),
        call(Anyone, "list-products").variant("of every category").query("limit=20").after([run("create-product")]),
        call(Merchant, "update-product")
            .json(json!({"title": "Folding desk lamp", "categoryIds": ["{otherCategoryId}"]}))
            .after([run("create-product"), super::another("create-category", "categoryId", "otherCategoryId")])
            .settles(),
        call(Merchant, "set-price")
            .json(json!({"prices": [
                {"currency": "EUR", "amount": 4999, "validTo": "2026-04-01T00:00:00Z"},
                {"currency": "EUR", "amount": 5499, "validFrom": "2026-04-01T00:00:00Z"},
            ]}))
            .settles(),
        call(Merchant, "archive-product").settles(),
        // A good row, and one without a price that is a number.
        call(Merchant, "import-products")
            .body(Body::Text(
                ROWS,
                "title,description,sku,price.EUR,price.GBP,option.colour\n\
                 Desk lamp,Folds flat.,{newSku},4999,4299,green\n\
                 Stool,\"Oak, oiled.\",{secondSku},many,7900,\n"
                    .to_owned(),
            ))
            .fresh("newSku", "LAMP-")
            .fresh("secondSku", "STOOL-")
            .gives("importId", "/id")
            .settles(),
        // Draft, new product, and a SKU that an archived product still has.
        call(Merchant, "import-products")
            .variant("of JSON lines")
            .body(Body::Text("application/x-ndjson", lines()))
            .after([run("archive-product")])
            .fresh("thirdSku", "ROW-")
            .gives("importId", "/id")
            .settles(),
        // A new product of two variants, one without a SKU, with stock and a category; and a new price of a product that exists.
        call(Merchant, "import-products")
            .variant("of an export")
            .query("mode=upsert&currency=EUR")
            .body(Body::Text(
                ROWS,
                "Handle,Title,Product Category,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,\
                 Image Src,Status\n\
                 {fourthSku},Lamp,Lamps,Colour,Red,{fourthSku},5,49.99,https://images.souk.example/desk-lamp.webp,active\n\
                 {fourthSku},,,,Blue,,3,52.99,,\n\
                 known,Desk lamp,,Colour,Red,{sku},,39.99,,active\n"
                    .to_owned(),
            ))
            .fresh("fourthSku", "EXPORT-")
            .gives("importId", "/id")
            .settles(),
        call(Merchant, "import-products")
            .variant("of an unknown kind")
            .body(Body::Text("text/plain", "title".to_owned()))
            .refused(415),
        call(Merchant, "get-import"),
        call(Merchant, "get-import-adjustments")
            .after([run("import-products of an export"), Step::Until("get-import", is_done)]),
        message(
            "import-chunk",
            json!({"import": "{importId}", "chunk": 1}),
            [
                run("import-products"),
                Step::Until("get-import", is_done),
                run("import-products of an export"),
                Step::Until("get-import", is_done),
                run("import-products of JSON lines"),
                Step::Until("get-import", is_done),
            ],
        ),
        // As if the message of the only chunk had been lost.
        invoke("resume-imports", json!({}))
            .after([
                run("import-products of JSON lines"),
                Step::Forget("catalog", "import#{importId}", "result#"),
                Step::Pass(Duration::from_hours(1)),
            ])
            .then([Step::Until("get-import", is_done)]),
    ]
}

fn search() -> Vec<Scenario> {
    vec![
        call(Anyone, "search-products")
            .query("q=desk%20lamp&filters=colour:red|blue&facets=material&limit=24")
            .after([run("create-product"), run("adjust-stock")]),
        call(Anyone, "suggest-products").query("q=desk%20la&limit=10").after([run("create-product")]),
        call(Merchant, "get-search-status"),
        invoke("snapshot-search", json!({})).after([run("create-product")]),
        invoke("rebuild-search", json!({})).variant("before").after([run("create-product")]),
        // The third snapshot replaces the first.
        invoke("rebuild-search", json!({})).after([again("rebuild-search before", 2)]),
        call(Merchant, "get-synonyms"),
        call(Merchant, "set-synonyms").json(json!({"groups": [["sofa", "couch"], ["tea towel", "dish cloth"]]})),
    ]
}

fn events() -> Vec<Scenario> {
    vec![
        message(
            "reindex-category",
            json!({"category": "{categoryId}"}),
            [run("create-product"), run("update-category")],
        ),
        event("CategoryChanged.v1", [run("update-category")]),
        event("ProductPublished.v1", [run("create-product")]),
        event("ProductChanged.v1", [run("update-product")]),
        event("ProductArchived.v1", [run("archive-product")]),
        event("PriceChanged.v1", [again("set-price", 1)]),
        invoke("republish", json!({"aggregate": "product#{productId}"})),
    ]
}

fn price_lists() -> Vec<Scenario> {
    vec![
        call(Merchant, "create-price-list")
            .json(json!({
                "name": "Trade", "currency": "EUR", "kind": "group", "customerGroups": ["{groupId}"], "countries": ["GB"],
                "validFrom": "2026-01-01T00:00:00Z", "priority": 100,
            }))
            .gives("priceListId", "/id")
            .settles(),
        call(Merchant, "list-price-lists").query("limit=20").after([run("create-price-list")]),
        call(Merchant, "get-price-list"),
        call(Merchant, "update-price-list")
            .json(json!({"name": "Trade and craft", "validTo": "2026-12-31T00:00:00Z"}))
            .after([run("create-price-list")])
            .settles(),
        call(Merchant, "set-list-prices")
            .json(json!({"prices": [
                {"sku": "{sku}", "amount": 4499},
                {"sku": "{sku}", "amount": 3999, "minQuantity": 10},
            ]}))
            .settles(),
        // The second price is removed, and with it the SKU.
        call(Merchant, "set-list-prices")
            .variant("of nothing")
            .json(json!({"prices": [{"sku": "{sku}", "amount": null}, {"sku": "{sku}", "amount": null, "minQuantity": 10}]}))
            .after([run("set-list-prices")])
            .settles(),
        call(Merchant, "get-list-prices").query("limit=20").after([run("set-list-prices")]),
        call(Merchant, "delete-price-list").settles(),
        event("PriceListChanged.v1", [run("create-price-list")]),
        event("ListPricesChanged.v1", [run("set-list-prices")]),
    ]
}

fn is_done(import: &Value) -> bool {
    import["status"] == "done"
}

fn variant(sku: &str, colour: &str) -> Value {
    let prices = json!([{"currency": "EUR", "amount": 4999}, {"currency": "GBP", "amount": 4299}]);
    json!({"sku": sku, "options": {"colour": colour}, "prices": prices})
}

fn lines() -> String {
    let row = |sku: &str| {
        let variants = json!([variant(sku, "red")]);
        json!({"title": "Row", "description": "", "categoryIds": ["{categoryId}"], "variants": variants})
    };
    let draft = json!({"title": "Draft", "status": "draft", "variants": []});
    [row("{thirdSku}"), row("{sku}"), draft].map(|row| row.to_string()).join("\n")
}
