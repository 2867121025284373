//! Exports of other shops, and imports that change products.

use super::*;
use crate::operations::get_import_adjustments::function as get_import_adjustments;

/// Three products: one of two variants with stock, one without price and image, and one that is refused.
const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,\
                       Image Src,Cost per item,Status\n\
                       lamp,Desk lamp,<p>Folds <b>flat</b>.</p>,Acme,Colour,Red,L-RED,5,49.90,http://a.example/1.jpg,20,active\n\
                       lamp,,,,,Blue,,2,59.90,,,\n\
                       mug,Mug,,,Title,Default Title,MUG,,,,,active\n\
                       chair,Chair,,,Title,Default Title,CHAIR,7,cheap,,,active\n";

fn export(text: &str, query: &[(&str, &str)]) -> Request {
    query.iter().fold(file("text/csv", text), |request, (name, value)| request.query(name, value))
}

/// Imports a file and works off its chunks.
async fn done(harness: &Harness, request: Request) -> Value {
    let id = imported(harness, request).await;
    work_off(harness).await;
    progress(harness, &id).await
}

async fn upserted(harness: &Harness, text: &str) -> Value {
    done(harness, export(text, &[("mode", "upsert"), ("currency", "EUR")])).await
}

async fn with_sku(harness: &Harness, sku: &str) -> Vec<Value> {
    let page = harness.call(list_products, Request::new("GET", "/v1/products").query("sku", sku)).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.json["items"].as_array().unwrap().clone()
}

fn reasons(progress: &Value) -> Vec<&str> {
    let problems = progress["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["reason"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_export_is_on_sale_after_one_upload_or_says_why_not() {
    let harness = harness().await;
    let progress = done(&harness, export(SHOPIFY, &[("currency", "EUR")])).await;
    assert_eq!((counts(&progress), &progress["rows"]), ([2, 1, 0], &json!(3)), "{progress}");
    let lamp = with_sku(&harness, "L-RED").await.remove(0);
    assert_eq!((&lamp["title"], &lamp["description"]), (&json!("Desk lamp"), &json!("Folds flat.")));
    assert_eq!(
        (&lamp["images"], &lamp["attributes"]),
        (&json!(["https://a.example/1.jpg"]), &json!({"vendor": "Acme"}))
    );
    assert_eq!(
        lamp["variants"][1],
        json!({"sku": "lamp.Blue", "options": {"Colour": "Blue"}, "prices": [{"currency": "EUR", "amount": 5990}]})
    );
    let warnings = &progress["rowWarnings"];
    assert_eq!((&warnings[0]["row"], &warnings[0]["productId"]), (&json!(2), &lamp["id"]));
    assert_eq!(warnings[1]["warnings"], json!(["has no price: a new product is a draft", "has no image"]));
    let mug = get(&harness, warnings[1]["productId"].as_str().unwrap()).await;
    assert_eq!(mug.json["status"], "draft");
    assert_eq!(progress["problems"][0]["row"], 5);
    assert!(reasons(&progress)[0].starts_with("line 5 has the price \"cheap\""), "{progress}");
    assert_eq!(progress["warnings"][0], "These columns are not imported: \"Cost per item\"");
}

#[tokio::test]
async fn an_export_needs_the_currency_of_its_prices() {
    let harness = harness().await;
    for (query, pointer) in [
        (&[][..], "/currency"),
        (&[("currency", "XXX")], "/currency"),
        (&[("currency", "EUR"), ("mode", "replace")], "/mode"),
        (&[("currency", "EUR"), ("colour", "red")], "/colour"),
    ] {
        let answer = harness.call(import_products, export(SHOPIFY, query)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{answer:?}");
    }
    let native = export("title,sku,price.EUR\nLamp,A,100\n", &[]);
    assert_eq!(counts(&done(&harness, native).await), [1, 0, 0]);
}

#[tokio::test]
async fn a_key_is_for_one_query() {
    let harness = harness().await;
    let request = export(SHOPIFY, &[("currency", "EUR")]).header("idempotency-key", "once");
    let id = imported(&harness, request.clone()).await;
    assert_eq!(imported(&harness, request.clone()).await, id);
    let other = harness.call(import_products, request.query("mode", "upsert")).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
}

#[tokio::test]
async fn the_stock_of_a_file_is_downloaded_as_adjustments() {
    let harness = harness().await;
    created(&harness, &lamp("MUG")).await;
    let text = SHOPIFY.replace("MUG,,", "MUG,9,");
    let progress = done(&harness, export(&text, &[("currency", "EUR")])).await;
    assert!(
        progress["warnings"][1].as_str().unwrap().starts_with("The stock of 3 SKUs is not imported."),
        "{progress}"
    );
    let path = format!("/v1/imports/{}/adjustments", progress["id"].as_str().unwrap());
    let request = as_merchant("GET", &path).parameter("importId", progress["id"].as_str().unwrap());
    let answer = harness.call(get_import_adjustments, request.clone()).await;
    // The rows of the mug, whose SKU is taken, and of the chair were refused.
    assert_eq!((answer.status, answer.text.as_str()), (200, "sku,delta,reason\nL-RED,5,import\nlamp.Blue,2,import\n"));
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    assert!(answer.headers["content-disposition"].ends_with(".csv\""), "{:?}", answer.headers);
    let support = harness.call(get_import_adjustments, request.clone().from(user(2), &[Role::Support])).await;
    assert_eq!(support.status, 403);
    let never = request.parameter("importId", format!("imp_{:032x}", 7));
    assert_eq!(harness.call(get_import_adjustments, never).await.status, 404);
}

#[tokio::test]
async fn stock_is_not_downloaded_before_each_row_is_created_or_refused() {
    let harness = harness().await;
    done(&harness, export(SHOPIFY, &[("currency", "EUR")])).await;
    let id = imported(&harness, export(SHOPIFY, &[("currency", "EUR")])).await;
    let path = format!("/v1/imports/{id}/adjustments");
    let download = || harness.call(get_import_adjustments, as_merchant("GET", &path).parameter("importId", &id));
    let early = download().await;
    assert_eq!((early.status, early.problem()), (409, "import-running"), "{early:?}");
    work_off(&harness).await;
    let answer = download().await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "sku,delta,reason\n"), "the SKUs of all rows exist");
}

#[tokio::test]
async fn no_warning_of_a_file_is_lost() {
    let harness = harness().await;
    let columns =
        |count: usize| (0..count).map(|at| format!("Meta: _the_plugin_of_the_shop_{at:03}")).collect::<Vec<_>>();
    for (count, more) in [(30, ""), (130, ", and 30 more")] {
        let header = format!("Name,Regular price,SKU,Stock,{}", columns(count).join(","));
        let text = format!("{header}\nMug,5,MUG-{count},3,{}\n", vec!["x"; count].join(","));
        let progress = done(&harness, export(&text, &[("currency", "EUR")])).await;
        let named = columns(count).iter().take(100).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        assert_eq!(progress["warnings"][0], format!("These columns are not imported: {named}{more}"));
        assert!(progress["warnings"][1].as_str().unwrap().starts_with("The stock of 1 SKUs"), "{progress}");
    }
}

#[tokio::test]
async fn warnings_of_a_row_that_are_left_out_are_counted() {
    let harness = harness().await;
    let rows: Vec<_> = (0..40).map(|at| format!("lamp,Lamp,{at:02} {},5\n", "x".repeat(50))).collect();
    let text = format!("Handle,Title,Variant SKU,Variant Price\n{}", rows.concat());
    let progress = done(&harness, export(&text, &[("currency", "EUR")])).await;
    let warnings = progress["rowWarnings"][0]["warnings"].as_array().unwrap();
    // One of each SKU, and that the product has no image.
    let left_out = 41 - (warnings.len() - 1);
    assert_eq!(warnings.last().unwrap(), &json!(format!("warnings that are not shown: {left_out}")), "{progress}");
    let again = upserted(&harness, &text).await;
    assert_eq!(again["rowWarnings"][0]["warnings"], json!(warnings), "{again}");
}

#[tokio::test]
async fn the_same_export_again_changes_nothing() {
    let harness = harness().await;
    let first = upserted(&harness, SHOPIFY).await;
    let events = harness.event_names().await.len();
    let second = upserted(&harness, SHOPIFY).await;
    assert_eq!(counts(&second), [2, 1, 0], "{second}");
    assert_eq!(harness.event_names().await.len(), events);
    assert_eq!(second["rowWarnings"][0]["productId"], first["rowWarnings"][0]["productId"]);
    let refused = done(&harness, export(SHOPIFY, &[("currency", "EUR")])).await;
    assert_eq!(counts(&refused), [0, 3, 0]);
    assert!(reasons(&refused)[0].starts_with("sku-taken: "), "{refused}");
}

#[tokio::test]
async fn an_upsert_changes_the_product_that_has_the_sku() {
    let harness = harness().await;
    let id = created(&harness, &lamp("L-RED")).await;
    let progress = upserted(&harness, SHOPIFY).await;
    assert_eq!(counts(&progress), [2, 1, 0], "{progress}");
    let product = get(&harness, &id).await.json;
    assert_eq!((&product["attributes"], &product["version"]), (&json!({"vendor": "Acme"}), &json!(2)));
    assert_eq!(product["variants"][0]["prices"], json!([{"currency": "EUR", "amount": 4990}]));
    assert_eq!(product["variants"][1]["sku"], "lamp.Blue");
    let draft = upserted(&harness, &SHOPIFY.replace("20,active", "20,draft")).await;
    let warnings = draft["rowWarnings"][0]["warnings"].as_array().unwrap();
    assert_eq!(warnings[0], "is on sale, and stays so", "{draft}");
    assert_eq!(get(&harness, &id).await.json["status"], "published");
}

#[tokio::test]
async fn rows_of_one_product_are_all_merged() {
    let harness = harness().await;
    let rows: Vec<_> = (0..30).map(|at| format!("Desk lamp,V-{at},{},{at}", 100 + at)).collect();
    let variants: Vec<_> = (0..30).map(|at| json!({"sku": format!("V-{at}"), "prices": []})).collect();
    let id = created(&harness, &json!({"title": "Lamp", "variants": variants})).await;
    let progress = upserted(&harness, &format!("title,sku,price.EUR,option.size\n{}\n", rows.join("\n"))).await;
    assert_eq!(counts(&progress), [30, 0, 0], "{progress}");
    let product = get(&harness, &id).await.json;
    let amounts: Vec<_> = product["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["prices"][0]["amount"].as_u64().unwrap())
        .collect();
    assert_eq!(amounts, (100..130).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_upsert_refuses_what_it_cannot_change() {
    let harness = harness().await;
    created(&harness, &lamp("ONE")).await;
    created(&harness, &lamp("TWO")).await;
    let gone = created(&harness, &lamp("GONE")).await;
    archive(&harness, &gone).await;
    let rows = [
        with(lamp("ONE"), &json!({"variants": [{"sku": "ONE", "prices": []}, {"sku": "TWO", "prices": []}]})),
        lamp("GONE"),
        with(lamp("NEW"), &json!({"categoryIds": [format!("cat_{:032x}", 7)]})),
        with(lamp("FREE"), &json!({"variants": []})),
    ];
    let progress = done(&harness, json_lines(rows).query("mode", "upsert")).await;
    assert_eq!(counts(&progress), [1, 3, 0], "{progress}");
    for (reason, part) in
        reasons(&progress).iter().zip(["has SKUs of several products: ONE", "which is archived", "/categoryIds/0"])
    {
        assert!(reason.contains(part), "{reason} has no {part}");
    }
}

#[tokio::test]
async fn a_chunk_of_an_upsert_that_comes_again_changes_nothing_more() {
    let harness = harness().await;
    created(&harness, &lamp("L-RED")).await;
    let id = imported(&harness, export(SHOPIFY, &[("mode", "upsert"), ("currency", "EUR")])).await;
    let (message, body) = messages(harness.env()).await.remove(0);
    harness.message(import_chunk, message, &body).await.unwrap();
    let events = harness.event_names().await.len();
    // This simulates that the function ended before it stored the result and the consumed-message record.
    let table = harness.env().table().unwrap();
    let result = dynamo::Key { pk: format!("import#{id}"), sk: "result#00001".to_owned() };
    let inbox = dynamo::Key::of("inbox", format_args!("import-chunk#{}", contracts::EventId::from(message)));
    table.commit(&harness.context()).delete(&result).delete(&inbox).run().await.unwrap();
    harness.message(import_chunk, message, &body).await.unwrap();
    assert_eq!(counts(&progress(&harness, &id).await), [2, 1, 0]);
    assert_eq!(harness.event_names().await.len(), events);
}

#[tokio::test]
async fn two_upserts_at_once_make_each_product_once() {
    let harness = harness().await;
    for _ in 0..2 {
        imported(&harness, export(SHOPIFY, &[("mode", "upsert"), ("currency", "EUR")])).await;
    }
    let messages = messages(harness.env()).await;
    let deliveries = messages.iter().map(|(id, body)| harness.message(import_chunk, *id, body));
    assert!(futures::future::join_all(deliveries).await.into_iter().all(|delivered| delivered.is_ok()));
    assert_eq!((messages.len(), on_sale(&harness).await), (2, 1));
}

#[tokio::test]
async fn a_row_of_csv_without_a_price_is_a_draft() {
    let harness = harness().await;
    let progress = done(&harness, file("text/csv", "title,sku,status\nLamp,A,\nStool,B,published\n")).await;
    assert_eq!(counts(&progress), [2, 0, 0]);
    assert_eq!(
        progress["rowWarnings"][1]["warnings"],
        json!(["has no price: a new product is a draft", "has no image"])
    );
    assert_eq!((with_sku(&harness, "A").await.len(), with_sku(&harness, "B").await.len()), (0, 1));
}

#[tokio::test]
async fn warnings_and_problems_are_told_in_the_same_parts() {
    let harness = harness().await;
    let row = |at| if at % 2 == 0 { format!("Lamp,S-{at}") } else { "Lamp,".to_owned() };
    let rows: Vec<_> = (0..1200).map(row).collect();
    let first = done(&harness, file("text/csv", &format!("title,sku\n{}", rows.join("\n")))).await;
    let lengths = |seen: &Value| ["problems", "rowWarnings"].map(|name| seen[name].as_array().unwrap().len());
    assert_eq!((counts(&first), lengths(&first), &first["nextAfter"]), ([600, 600, 0], [500, 500], &json!(1001)));
    let rest = harness.call(get_import, look(first["id"].as_str().unwrap()).query("after", 1001)).await.json;
    assert_eq!((lengths(&rest), &rest["nextAfter"]), ([100, 100], &Value::Null));
}
