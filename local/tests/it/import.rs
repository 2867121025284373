//! The import of a catalog, with bad rows.

use std::{fmt::Write, time::Instant};

use local::shopper::text;

use crate::shop::*;

#[tokio::test]
async fn good_rows_go_on_sale_and_each_bad_row_says_why() {
    const ROWS: usize = 1000;
    let merchant = demo("merchant").await;
    let batch = uuid::Uuid::new_v4().simple().to_string();
    let row = |number: usize| {
        // One row in a hundred has a price below zero.
        let cents = if number % 100 == 99 { -1 } else { 1000 };
        format!(
            r#"{{"title":"Import {number}","description":"A row.","categoryIds":[],"variants":[{{"sku":"{batch}-{number}","options":{{}},"prices":[{{"currency":"EUR","amount":{cents}}}]}}]}}"#
        )
    };
    let rows: Vec<_> = (0..ROWS).map(row).collect();
    let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", batch.as_str())];
    let accepted = merchant.send("POST", "/v1/imports", &headers, rows.join("\n").into_bytes()).await.unwrap();
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let path = accepted.header("location").unwrap().to_owned();

    let look = async || merchant.get(&path).await.unwrap();
    let done = eventually(look, |answer| answer.json()["status"] == "done").await.json();
    assert_eq!((&done["imported"], &done["failed"]), (&(ROWS - ROWS / 100).into(), &(ROWS / 100).into()), "{done}");
    let problems = done["problems"].as_array().unwrap();
    assert_eq!(problems.len(), ROWS / 100);
    assert!(problems.iter().all(|problem| text(problem, "reason").unwrap().contains("amount")), "{problems:?}");
    let shopper = guest().await;
    let cart = shopper.cart().await.unwrap();
    let buy = async || shopper.put(&cart, &format!("{batch}-0"), 1).await.unwrap();
    eventually(buy, |answer| answer.status == 200).await;
}

/// The number of products in an export. `SOUK_IMPORT_PRODUCTS=2000` measures a large one:
/// `SOUK_IMPORT_PRODUCTS=2000 cargo test -p local --test it exports -- --nocapture`
fn products() -> usize {
    std::env::var("SOUK_IMPORT_PRODUCTS").map_or(100, |count| count.parse().unwrap())
}

/// An export of Shopify: every product has three variants, every second of them has no SKU, and a second picture. One
/// product in a hundred is a draft, and one has a price that is no number.
fn shopify(batch: &str) -> String {
    let mut file = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,\
                    Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,\
                    Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,\
                    Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,Variant Weight Unit,Status\n"
        .to_owned();
    for at in 0..products() {
        let body =
            "<p>Oak, oiled by hand.</p><ul><li>Folds flat</li><li>Made to order &amp; shipped in a week</li></ul>"
                .repeat(4);
        let status = if at % 100 == 50 { "draft" } else { "active" };
        for (size, colour) in [("S", "Dark oak"), ("M", "Dark oak"), ("L / XL", "Ash")] {
            let first = size == "S";
            let sku = if (at + size.len()) % 2 == 0 { format!("{batch}-{at}-{}", &size[..1]) } else { String::new() };
            let price = if at % 100 == 99 && first { "on request" } else { "149.90" };
            let cells = if first {
                format!(
                    "Chair {at},\"{body}\",Acme,Furniture > Chairs,Chair,\"oak, chair\",true,Size,{size},Colour,{colour}"
                )
            } else {
                format!(",,,,,,,,{size},,{colour}")
            };
            let (picture, status) = if first { ("https://images.souk.example/chair.jpg", status) } else { ("", "") };
            writeln!(
                file,
                "{batch}-a-chair-with-a-handle-that-is-much-longer-than-a-sku-can-be-{at},{cells},{sku},4500,shopify,{},deny,manual,\
                 {price},199.90,true,true,'4006381333931,{picture},1,A chair,false,,kg,{status}",
                at % 7
            )
            .unwrap();
        }
        let handle = format!("{batch}-a-chair-with-a-handle-that-is-much-longer-than-a-sku-can-be-{at}");
        writeln!(file, "{handle}{}https://images.souk.example/back.jpg,2{}", ",".repeat(23), ",".repeat(5)).unwrap();
    }
    file
}

/// An export of WooCommerce: every product has two variations, and its pictures have `http` addresses.
fn woocommerce(batch: &str) -> String {
    let mut file = "ID,Type,SKU,Name,Published,\"Is featured?\",\"Visibility in catalog\",\"Short description\",Description,\
                    \"Tax status\",\"In stock?\",Stock,\"Weight (kg)\",\"Sale price\",\"Regular price\",Categories,Images,Parent,\
                    Position,\"Attribute 1 name\",\"Attribute 1 value(s)\",\"Attribute 1 visible\"\n"
        .to_owned();
    for at in 0..products() {
        let published = if at % 100 == 50 { -1 } else { 1 };
        let parent = 3 * at + 1;
        writeln!(
            file,
            "{parent},variable,{batch}-w{at},Table {at},{published},0,visible,A table.,\"<p>Oak.</p>\\n<p>Oiled.</p>\",taxable,1,,12,,,\
             Furniture > Tables,\"http://shop.example/t1.jpg, http://shop.example/t2.jpg\",,0,Size,\"S, M\",1"
        )
        .unwrap();
        for (variation, size) in [(1, "S"), (2, "M")] {
            let price = if at % 100 == 99 { "\"1,299\"" } else { "\"1299,00\"" };
            writeln!(
                file,
                "{},variation,,Table {at} - {size},{published},0,visible,,,taxable,1,4,12,,{price},,,id:{parent},{variation},Size,{size},",
                parent + variation
            )
            .unwrap();
        }
    }
    file
}

#[tokio::test]
async fn exports_of_other_shops_go_on_sale_or_say_why_not() {
    let merchant = demo("merchant").await;
    for (system, export) in [("Shopify", shopify as fn(&str) -> String), ("WooCommerce", woocommerce)] {
        let batch = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        let file = export(&batch).into_bytes();
        let (size, products) = (file.len(), products());
        let began = Instant::now();
        let headers = [("content-type", "text/csv"), ("idempotency-key", batch.as_str())];
        let accepted = merchant.send("POST", "/v1/imports?mode=upsert&currency=EUR", &headers, file).await.unwrap();
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        let path = accepted.header("location").unwrap().to_owned();
        let look = async || merchant.get(&path).await.unwrap();
        let done = eventually(look, |answer| answer.json()["status"] == "done").await.json();
        println!("{products} products of {system}, {size} bytes: {:.1} s", began.elapsed().as_secs_f64());
        let refused = products / 100;
        assert_eq!((&done["rows"], &done["failed"]), (&products.into(), &refused.into()), "{system}: {done}");
        let problems = done["problems"].as_array().unwrap();
        assert!(
            problems.iter().all(|problem| text(problem, "reason").unwrap().contains("has the price")),
            "{problems:?}"
        );
        let draft = |row: &&serde_json::Value| row["warnings"].to_string().contains("so a new product is a draft");
        let told = done["rowWarnings"].as_array().unwrap();
        assert!(products > 1000 || told.iter().filter(draft).count() == products / 100, "{system}: {told:?}");
        let adjustments = merchant.get(&format!("{path}/adjustments")).await.unwrap().text();
        assert!(adjustments.starts_with("sku,delta,reason\n") && adjustments.lines().count() > products, "{system}");
    }
}
