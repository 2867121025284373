use super::*;

async fn list(harness: &Harness, query: &[(&str, &str)]) -> Answer {
    let request = Request::new("GET", "/v1/products");
    harness.call(list_products, query.iter().fold(request, |request, (name, value)| request.query(name, value))).await
}

#[tokio::test]
async fn products_on_sale_are_listed_newest_first_in_pages() {
    let harness = harness().await;
    let mut newest_first = Vec::new();
    for number in 0..5 {
        harness.advance(jiff::SignedDuration::from_secs(1));
        newest_first.insert(0, created(&harness, &lamp(&format!("LAMP-{number}"))).await);
    }
    created(&harness, &with(lamp("DRAFT"), &json!({"status": "draft"}))).await;
    let first = list(&harness, &[("limit", "3")]).await;
    assert!(first.headers["link"].contains("rel=\"next\""), "{first:?}");
    let cursor = first.json["nextCursor"].as_str().unwrap();
    let second = list(&harness, &[("limit", "3"), ("cursor", cursor)]).await;
    assert_eq!([ids(&first), ids(&second)].concat(), newest_first);
    assert_eq!(second.json["nextCursor"], Value::Null);
    archive(&harness, &newest_first[0]).await;
    assert_eq!(ids(&list(&harness, &[]).await), newest_first[1..]);
}

#[tokio::test]
async fn a_category_lists_its_products_and_those_below_as_they_are_now() {
    let harness = harness().await;
    let home = category(&harness, "Home", None).await;
    let lamps = category(&harness, "Lamps", Some(&home)).await;
    let garden = category(&harness, "Garden", None).await;
    let id = created(&harness, &with(lamp("LAMP"), &json!({"categoryIds": [lamps]}))).await;
    for listed in [&home, &lamps] {
        assert_eq!(ids(&list(&harness, &[("categoryId", listed)]).await), [id.as_str()]);
    }
    assert_eq!(ids(&list(&harness, &[("categoryId", &garden)]).await), Vec::<String>::new());

    harness.call(set_price, prices(&id, "LAMP", &json!([{"currency": "EUR", "amount": 1}]))).await;
    let page = list(&harness, &[("categoryId", &home)]).await;
    assert_eq!(page.json["items"][0]["variants"][0]["prices"][0]["amount"], 1);

    let moved = harness.call(update_product, patch(&id, 2, &json!({"categoryIds": [garden]}))).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert_eq!(ids(&list(&harness, &[("categoryId", &home)]).await), Vec::<String>::new());
    assert_eq!(ids(&list(&harness, &[("categoryId", &garden)]).await), [id.as_str()]);

    archive(&harness, &id).await;
    assert_eq!(ids(&list(&harness, &[("categoryId", &garden)]).await), Vec::<String>::new());
}

#[tokio::test]
async fn a_page_of_a_category_is_full_though_newer_products_are_in_another() {
    let harness = harness().await;
    let (lamps, garden) = (category(&harness, "Lamps", None).await, category(&harness, "Garden", None).await);
    let mut newest_first = Vec::new();
    for number in 0..6 {
        harness.advance(jiff::SignedDuration::from_secs(1));
        let product = |category: &str| with(lamp(&format!("SKU-{number}")), &json!({"categoryIds": [category]}));
        match number {
            0..3 => newest_first.insert(0, created(&harness, &product(&lamps)).await),
            _ => drop(created(&harness, &product(&garden)).await),
        }
    }
    let first = list(&harness, &[("categoryId", &lamps), ("limit", "2")]).await;
    assert_eq!(ids(&first), newest_first[..2]);
    let cursor = first.json["nextCursor"].as_str().unwrap();
    let second = list(&harness, &[("categoryId", &lamps), ("limit", "2"), ("cursor", cursor)]).await;
    assert_eq!((ids(&second), &second.json["nextCursor"]), (newest_first[2..].to_vec(), &Value::Null));
}

#[tokio::test]
async fn a_page_has_its_bounds_and_a_cursor_its_list() {
    let harness = harness().await;
    for number in 0..2 {
        created(&harness, &lamp(&format!("LAMP-{number}"))).await;
    }
    for limit in ["0", "101", "many"] {
        let answer = list(&harness, &[("limit", limit)]).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/limit"]), "{limit}");
    }
    assert_eq!(list(&harness, &[("categoryId", "lamps")]).await.pointers(), ["/categoryId"]);
    let page = list(&harness, &[("limit", "1")]).await;
    let cursor = page.json["nextCursor"].as_str().unwrap();
    let category = category(&harness, "Home", None).await;
    for query in [[("limit", "1"), ("cursor", "forged")], [("categoryId", &category), ("cursor", cursor)]] {
        let answer = list(&harness, &query).await;
        assert_eq!((answer.status, answer.problem()), (400, "invalid-cursor"));
    }
}

#[tokio::test]
async fn a_product_is_found_by_the_sku_of_a_variant_on_sale() {
    let harness = harness().await;
    let category = category(&harness, "Lamps", None).await;
    let id = created(&harness, &with(lamp("A"), &json!({"categoryIds": [category]}))).await;
    created(&harness, &with(lamp("B"), &json!({"status": "draft"}))).await;
    let find = async |sku: &str, category: Option<&str>| {
        let request = Request::new("GET", "/v1/products").query("sku", sku);
        let request = category.into_iter().fold(request, |request, id| request.query("categoryId", id));
        ids(&harness.call(list_products, request).await)
    };
    let found = vec![id.clone()];
    assert_eq!((find("A", None).await, find("A", Some(&category)).await), (found.clone(), found.clone()));
    let none = Vec::<String>::new();
    assert_eq!(find("A", Some(&format!("cat_{:032x}", 7))).await, none);
    assert_eq!((find("B", None).await, find("C", None).await), (none.clone(), none.clone()));
    let variants = json!({"variants": [{"sku": "A-2", "prices": []}]});
    assert_eq!(harness.call(update_product, patch(&id, 1, &variants)).await.status, 200);
    assert_eq!((find("A", None).await, find("A-2", None).await), (none, found));
    archive(&harness, &id).await;
    assert_eq!(find("A-2", None).await.len(), 0);
}
