mod encodings;
mod exports;
mod fitting;
mod odd;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use lambda::Env;
use uuid::Uuid;

use super::*;
use crate::operations::{
    get_import::function as get_import, import_chunk::function as import_chunk,
    import_products::function as import_products, resume_imports::function as resume_imports,
};

/// A harness with a queue for chunks.
async fn harness() -> Harness {
    let harness = super::harness().await;
    let queue = harness.env().sqs().create_queue().queue_name("chunks").send().await.unwrap();
    harness.with_variable("IMPORT_QUEUE_URL", queue.queue_url().unwrap())
}

/// Receives all messages of the queue.
async fn messages(env: &Env) -> Vec<(Uuid, Value)> {
    let (sqs, url) = (env.sqs(), env.variable("IMPORT_QUEUE_URL").unwrap());
    let mut messages = Vec::new();
    loop {
        let answer = sqs.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
        if answer.messages().is_empty() {
            return messages;
        }
        for message in answer.messages() {
            let body = serde_json::from_str(message.body().unwrap()).unwrap();
            messages.push((message.message_id().unwrap().parse().unwrap(), body));
            sqs.delete_message().queue_url(url).receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
        }
    }
}

async fn work_off(harness: &Harness) -> usize {
    let messages = messages(harness.env()).await;
    for (id, body) in &messages {
        harness.message(import_chunk, *id, body).await.unwrap();
    }
    messages.len()
}

fn file(media_type: &str, text: &str) -> Request {
    as_merchant("POST", "/v1/imports").header("content-type", media_type).body(text)
}

fn json_lines(rows: impl IntoIterator<Item = Value>) -> Request {
    let lines: Vec<_> = rows.into_iter().map(|row| row.to_string()).collect();
    file("application/x-ndjson", &lines.join("\n"))
}

async fn imported(harness: &Harness, request: Request) -> String {
    let answer = harness.call(import_products, request).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let id = answer.json["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.headers["location"], format!("/v1/imports/{id}"));
    id
}

fn look(id: &str) -> Request {
    as_merchant("GET", &format!("/v1/imports/{id}")).parameter("importId", id)
}

async fn progress(harness: &Harness, id: &str) -> Value {
    let answer = harness.call(get_import, look(id)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json
}

/// The numbers of imported, refused and pending rows.
fn counts(progress: &Value) -> [u64; 3] {
    ["imported", "failed", "pending"].map(|name| progress[name].as_u64().unwrap())
}

async fn on_sale(harness: &Harness) -> usize {
    let names = harness.event_names().await;
    names.iter().filter(|name| *name == "ProductPublished.v1").count()
}

#[tokio::test]
async fn good_rows_go_on_sale_and_each_bad_row_has_its_reason() {
    let harness = harness().await;
    let category = category(&harness, "Lamps", None).await;
    created(&harness, &lamp("TAKEN")).await;
    let rows = [
        with(lamp("A"), &json!({"categoryIds": [category]})),
        with(lamp("B"), &json!({"title": ""})),
        lamp("TAKEN"),
        with(lamp("C"), &json!({"categoryIds": [format!("cat_{:032x}", 7)]})),
        lamp("A"),
        json!("{not json"),
        lamp("D"),
    ];
    let id = imported(&harness, json_lines(rows)).await;
    assert_eq!(work_off(&harness).await, 1);
    let progress = progress(&harness, &id).await;
    assert_eq!((&progress["status"], counts(&progress)), (&json!("done"), [2, 5, 0]), "{progress}");
    let reasons: Vec<_> = progress["problems"].as_array().unwrap().iter().map(|problem| &problem["reason"]).collect();
    for (reason, part) in
        reasons.iter().zip(["/title", "sku-taken: TAKEN", "/categoryIds/0", "that of row 1", "JSON object"])
    {
        assert!(reason.as_str().unwrap().contains(part), "{reason} has no {part}");
    }
    let rows: Vec<_> = progress["problems"].as_array().unwrap().iter().map(|problem| problem["row"].as_u64()).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6].map(Some));
    let query = Request::new("GET", "/v1/products").query("categoryId", &category);
    assert_eq!(ids(&harness.call(list_products, query).await).len(), 1);
    let events = harness.events().await;
    let principals: BTreeSet<_> = events
        .iter()
        .map(|event| serde_json::from_str::<Value>(&event.detail).unwrap()["metadata"]["principal"].to_string())
        .collect();
    assert_eq!(principals.len(), 1, "products are the merchant's, as if made one by one: {principals:?}");
}

#[tokio::test]
async fn progress_is_seen_meanwhile() {
    let harness = harness().await;
    let id = imported(&harness, json_lines((0..250).map(|at| lamp(&format!("LAMP-{at}"))))).await;
    assert_eq!(counts(&progress(&harness, &id).await), [0, 0, 250]);
    let messages = messages(harness.env()).await;
    assert_eq!(messages.len(), 3);
    for (done, (message, body)) in messages.iter().enumerate() {
        let seen = progress(&harness, &id).await;
        assert_eq!(
            (&seen["status"], &seen["finishedAt"], seen["imported"].as_u64()),
            (&json!("running"), &Value::Null, Some(done as u64 * 100))
        );
        harness.message(import_chunk, *message, body).await.unwrap();
    }
    let seen = progress(&harness, &id).await;
    assert_eq!((&seen["status"], counts(&seen)), (&json!("done"), [250, 0, 0]));
    assert!(seen["finishedAt"].is_string());
    assert_eq!(on_sale(&harness).await, 250);
}

#[tokio::test]
async fn a_chunk_that_comes_again_makes_nothing_twice() {
    let harness = harness().await;
    let id = imported(&harness, json_lines([lamp("A"), lamp("B"), with(lamp("C"), &json!({"variants": []}))])).await;
    let (message, body) = messages(harness.env()).await.remove(0);
    harness.message(import_chunk, message, &body).await.unwrap();
    harness.message(import_chunk, message, &body).await.unwrap();
    harness.message(import_chunk, Uuid::from_u128(7), &body).await.unwrap();
    assert_eq!(counts(&progress(&harness, &id).await), [3, 0, 0]);
    assert_eq!(on_sale(&harness).await, 3);
}

#[tokio::test]
async fn a_chunk_that_was_cut_short_is_finished() {
    let harness = harness().await;
    let id = imported(&harness, json_lines([lamp("A"), with(lamp("B"), &json!({"variants": []})), lamp("C")])).await;
    let (message, body) = messages(harness.env()).await.remove(0);
    harness.message(import_chunk, message, &body).await.unwrap();
    // This simulates that the function ended before it stored the result and the consumed-message record.
    let table = harness.env().table().unwrap();
    let result = dynamo::Key { pk: format!("import#{id}"), sk: "result#00001".to_owned() };
    let inbox = dynamo::Key::of("inbox", format_args!("import-chunk#{}", contracts::EventId::from(message)));
    table.commit(&harness.context()).delete(&result).delete(&inbox).run().await.unwrap();
    assert_eq!(counts(&progress(&harness, &id).await), [0, 0, 3]);
    harness.advance(SignedDuration::from_mins(6));
    harness.message(import_chunk, message, &body).await.unwrap();
    assert_eq!(counts(&progress(&harness, &id).await), [3, 0, 0]);
    assert_eq!(on_sale(&harness).await, 3);
}

#[tokio::test]
async fn two_deliveries_at_once_make_each_product_once() {
    let harness = harness().await;
    let id = imported(&harness, json_lines((0..50).map(|at| lamp(&format!("LAMP-{at}"))))).await;
    let (message, body) = messages(harness.env()).await.remove(0);
    let deliveries = [message, Uuid::from_u128(7)].map(|id| harness.message(import_chunk, id, &body));
    assert!(futures::future::join_all(deliveries).await.into_iter().all(|delivered| delivered.is_ok()));
    assert_eq!(counts(&progress(&harness, &id).await), [50, 0, 0]);
    assert_eq!(on_sale(&harness).await, 50);
}

#[tokio::test]
async fn what_never_reached_the_queue_is_handed_out_again() {
    let harness = harness().await;
    let id = imported(&harness, json_lines((0..150).map(|at| lamp(&format!("LAMP-{at}"))))).await;
    let (message, body) = messages(harness.env()).await.remove(0);
    harness.message(import_chunk, message, &body).await.unwrap();
    harness.tick(resume_imports).await;
    assert_eq!(work_off(&harness).await, 0, "it is given its time");
    harness.advance(SignedDuration::from_mins(6));
    harness.tick(resume_imports).await;
    harness.tick(resume_imports).await;
    assert_eq!(work_off(&harness).await, 1);
    assert_eq!(progress(&harness, &id).await["status"], "done");
    harness.advance(SignedDuration::from_hours(24));
    harness.tick(resume_imports).await;
    harness.tick(resume_imports).await;
    assert_eq!(work_off(&harness).await, 0);
}

#[tokio::test]
async fn a_repeated_request_imports_once() {
    let harness = harness().await;
    let request = json_lines([lamp("A")]);
    let id = imported(&harness, request.clone()).await;
    assert_eq!(imported(&harness, request).await, id);
    assert_eq!(work_off(&harness).await, 1);
}

#[tokio::test]
async fn csv_says_the_same_as_json() {
    let harness = harness().await;
    let text = "title,sku,price.EUR,option.colour\nDesk lamp,A,4999,red\nFree,B,0,\nWrong,C,cheap,\n,D,2000000000,\n";
    let id = imported(&harness, file("text/csv; charset=utf-8", text)).await;
    work_off(&harness).await;
    let progress = progress(&harness, &id).await;
    assert_eq!(counts(&progress), [2, 2, 0], "{progress}");
    let reason = |at: usize| progress["problems"][at]["reason"].as_str().unwrap();
    assert!(reason(0).starts_with("price.EUR must be a whole number of minor units"), "{progress}");
    assert!(reason(1).starts_with("title: is required"), "{progress}");
}

#[tokio::test]
async fn a_price_that_is_too_high_names_its_column() {
    let harness = harness().await;
    let id = imported(&harness, file("text/csv", "title,sku,price.GBP\nLamp,A,2000000000\n")).await;
    work_off(&harness).await;
    let progress = progress(&harness, &id).await;
    assert!(progress["problems"][0]["reason"].as_str().unwrap().starts_with("price.GBP: "), "{progress}");
}

#[tokio::test]
async fn a_file_that_is_refused_says_what_to_do() {
    let harness = harness().await;
    let details = async |text: &str| {
        let answer = harness.call(import_products, file("text/csv", text)).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        let errors = answer.json["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let unknown = details("title,sku,stock,colour\nLamp,A,5,red\n").await;
    assert_eq!(
        unknown[..2],
        ["stock", "colour"].map(|name| format!("has the unknown column {name:?}: rename or remove it"))
    );
    assert!(
        unknown[2].contains("separated by commas, semicolons") && unknown[2].ends_with("attribute.NAME"),
        "{unknown:?}"
    );
    let many = details(&vec!["x".repeat(1000); 1000].join(",")).await;
    assert_eq!((many.len(), many[0].len()), (51, 50 + details("x,y").await[0].len() - 1));
    assert_eq!(details("Title,title\nLamp,Lamp\n").await, ["has the column \"title\" more than once"]);
    assert!(details("PK\u{3}\u{4}").await[0].contains("Save it as CSV in UTF-8"));
}

#[tokio::test]
async fn many_bad_rows_are_told_in_parts() {
    let harness = harness().await;
    let id = imported(&harness, file("application/x-ndjson", &"{}\n".repeat(1200))).await;
    work_off(&harness).await;
    let first = progress(&harness, &id).await;
    assert_eq!((counts(&first), &first["nextAfter"]), ([0, 1200, 0], &json!(1000)));
    let rest = harness.call(get_import, look(&id).query("after", 1000)).await.json;
    assert_eq!(
        (rest["problems"].as_array().unwrap().len(), &rest["problems"][0]["row"], &rest["nextAfter"]),
        (200, &json!(1001), &Value::Null)
    );
}

#[tokio::test]
async fn only_a_file_is_imported_and_only_by_a_merchant() {
    let harness = harness().await;
    let refused = |request: Request| async { harness.call(import_products, request).await };
    assert_eq!(refused(file("image/png", "x")).await.status, 415);
    assert_eq!(refused(file("text/csv", "title,colour\nx,red")).await.status, 422);
    assert_eq!(refused(file("application/x-ndjson", "")).await.status, 422);
    assert_eq!(refused(json_lines([lamp("A")]).from(user(2), &[Role::Customer])).await.status, 403);
    assert_eq!(refused(json_lines([lamp("A")]).header("idempotency-key", "")).await.status, 400);
    let id = imported(&harness, json_lines([lamp("A")])).await;
    let look_as = |role| harness.call(get_import, look(&id).from(user(3), &[role]));
    assert_eq!(look_as(Role::Customer).await.status, 403);
    assert_eq!(look_as(Role::Support).await.status, 200);
    let never = format!("imp_{:032x}", 7);
    assert_eq!(harness.call(get_import, look(&never)).await.status, 404);
}

#[tokio::test]
async fn a_row_that_is_wrong_in_thousands_of_places_has_a_short_reason() {
    let harness = harness().await;
    let images = vec!["x"; 8000];
    let row = json!({"title": "Lamp", "images": images, "variants": []});
    let id = imported(&harness, json_lines([row])).await;
    work_off(&harness).await;
    let progress = progress(&harness, &id).await;
    assert_eq!(counts(&progress), [0, 1, 0]);
    assert!(progress["problems"][0]["reason"].as_str().unwrap().len() <= 500);
}
