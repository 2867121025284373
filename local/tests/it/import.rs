//! The import of a catalog, with bad rows.

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
