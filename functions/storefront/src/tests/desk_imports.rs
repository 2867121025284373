//! The imports of the merchant desk.

use serde_json::json;

use super::{
    buying::{has, lacks},
    owners::*,
    *,
};

const PATH: &str = "/desk/imports";
const BEGIN: &str = "POST /v1/imports";

fn import_id() -> String {
    contracts::ImportId::from(Uuid::from_u128(1)).to_string()
}

fn import(status: &str, next: Option<u64>) -> Value {
    json!({
        "id": import_id(), "status": status, "rows": 1000, "imported": 612, "failed": 3, "pending": 385,
        "startedAt": "2026-09-21T09:40:00Z", "finishedAt": (status == "done").then_some("2026-09-21T09:40:41Z"),
        "warnings": ["The stock of 4 SKUs is not imported."], "nextAfter": next,
        "problems": [{"row": 14, "reason": "the price <free> is none"}],
        "rowWarnings": [{"row": 15, "productId": lamp_id(), "warnings": ["an image is left out"]}],
    })
}

async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

fn call() -> String {
    format!("GET /v1/imports/{}", import_id())
}

async fn begin(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("key", "key-1")], fields].concat();
    harness.call(show_desk_imports::function, post(harness, PATH, cookie, &fields).await).await
}

async fn visit(harness: &Harness, function: fn() -> lambda::Function, path: &str, cookie: &str) -> Answer {
    harness.call(function, get(path, cookie).parameter("importId", import_id())).await
}

fn page_path() -> String {
    format!("{PATH}/{}", import_id())
}

#[tokio::test]
async fn an_import_starts_once_with_the_key_of_its_form() {
    let (harness, owners, cookie) = merchant().await;
    let page = harness.call(show_desk_imports::function, get(PATH, &cookie)).await;
    golden("desk-imports", &page);
    has(
        &page,
        &[
            "enctype=\"multipart/form-data\"",
            "<input id=\"file\" name=\"file\" type=\"file\"",
            "<textarea id=\"csv\"",
            "value=\"create\" checked",
            "name=\"key\" value=\"",
            "<option value=\"EUR\" selected>",
        ],
    );
    assert_eq!((page.headers["cache-control"].as_str(), owners.calls().len()), ("private, no-store", 0));
    owners.answer(BEGIN, 202, import("running", None));
    let file = "title,sku,price.EUR\r\nLamp,L,100";
    let done = begin(&harness, &cookie, &[("csv", file), ("mode", "upsert"), ("currency", "GBP")]).await;
    assert_eq!(led(&done), (303, page_path().as_str()));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].query.as_str()), (1, "mode=upsert&currency=GBP"));
    assert_eq!((asked[0].header("idempotency-key"), asked[0].token()), ("key-1", "merchant-access"));
    assert_eq!((asked[0].header("content-type"), asked[0].text.as_str()), ("text/csv; charset=utf-8", file));
    begin(&harness, &cookie, &[("csv", file), ("mode", "all"), ("currency", "x")]).await;
    assert_eq!(owners.asked()[0].query, "mode=create");
}

#[tokio::test]
async fn a_file_is_imported_as_it_is() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(BEGIN, 202, import("running", None));
    let csrf = token(&harness, &cookie, PATH).await;
    let upload = async |pasted: &str, file: &[u8]| {
        let fields = [("csrf", csrf.as_str()), ("key", "key-1"), ("mode", "upsert"), ("csv", pasted)];
        let form = Request::new("POST", PATH).form_with_file(&fields, "file", file).header("cookie", &cookie);
        harness.call(show_desk_imports::function, form).await
    };
    // The ü of windows-1252. The catalog finds out what the encoding is.
    assert_eq!(led(&upload("pasted", b"title\r\nH\xfctte").await), (303, page_path().as_str()));
    let asked = owners.asked();
    assert_eq!((asked[0].header("content-type"), asked[0].bytes.as_ref()), ("text/csv", &b"title\r\nH\xfctte"[..]));
    assert_eq!((asked[0].query.as_str(), asked[0].header("idempotency-key")), ("mode=upsert&currency=EUR", "key-1"));
    // An empty file is none.
    assert_eq!(led(&upload("pasted", b"").await), (303, page_path().as_str()));
    assert_eq!(owners.asked()[0].text, "pasted");
    assert_eq!(upload("", b"").await.status, 422);
}

#[tokio::test]
async fn a_file_that_is_refused_says_why_and_is_kept() {
    let (harness, owners, cookie) = merchant().await;
    let empty = begin(&harness, &cookie, &[("csv", " ")]).await;
    assert_eq!(empty.status, 422);
    has(&empty, &["file-error\">Choose a file, or paste its rows."]);
    assert_eq!(owners.calls(), Vec::<String>::new());
    let refused = async || begin(&harness, &cookie, &[("csv", "</textarea><b>"), ("mode", "upsert")]).await;
    owners.refuse(BEGIN, 422, "invalid-input", &["/0"]);
    let page = refused().await;
    has(
        &page,
        &["The file is wrong.", "&#60;/textarea&#62;&#60;b&#62;", "value=\"upsert\" checked", "value=\"key-1\""],
    );
    lacks(&page, &["</textarea><b>"]);
    owners.refuse(BEGIN, 422, "idempotency-key-reused", &[]);
    let again = refused().await;
    has(&again, &["was sent before"]);
    lacks(&again, &["value=\"key-1\""]);
    owners.refuse(BEGIN, 413, "body-too-large", &[]);
    has(&refused().await, &["It is refused.", "value=\"key-1\""]);
    // The file is not at fault.
    owners.refuse(BEGIN, 403, "forbidden", &[]);
    assert_eq!(refused().await.status, 403);
    owners.answer(BEGIN, 503, Value::Null);
    assert_eq!(refused().await.status, 503);
    let without = Request::new("POST", PATH).form(&[("csv", "a")]).header("cookie", &cookie);
    assert_eq!(harness.call(show_desk_imports::function, without).await.status, 403);
}

#[tokio::test]
async fn a_running_import_updates_itself_until_it_is_done() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(&call(), 200, import("running", Some(15)));
    let page = visit(&harness, show_desk_import::function, &page_path(), &cookie).await;
    golden("desk-import-running", &page);
    let fragment = format!("/fragments/imports/{}/live", import_id());
    has(
        &page,
        &[
            "615 of 1000 products",
            "max=\"1000\" value=\"615\"",
            &format!("hx-get=\"{fragment}?waited=2\" hx-trigger=\"every 2s\""),
            "htmx.min.js",
            "content=\"15\"",
            "<th scope=\"row\">14</th><td>the price &#60;free&#62; is none</td>",
            "an image is left out",
            "The stock of 4 SKUs is not imported.",
            &format!("href=\"{}?after=15\"", page_path()),
            &format!("href=\"{}/errors\"", page_path()),
            "<a href=\"/desk/imports\" aria-current=\"page\">",
        ],
    );
    let part = visit(&harness, show_desk_import_live::function, &fragment, &cookie).await;
    has(&part, &["615 of 1000 products", &format!("hx-get=\"{fragment}?waited=2\"")]);
    assert_eq!((part.headers["cache-control"].as_str(), owners.calls().len()), ("private, no-store", 2));
    owners.answer(&call(), 200, import("done", None));
    let part = visit(&harness, show_desk_import_live::function, &fragment, &cookie).await;
    has(&part, &[&format!("hx-get=\"{}\"", page_path()), "hx-select=\"#main\""]);
    let page = visit(&harness, show_desk_import::function, &page_path(), &cookie).await;
    golden("desk-import-done", &page);
    has(&page, &["The import is finished.", "It took 41 seconds.", "<dd>612</dd>"]);
    lacks(&page, &["htmx.min.js", "hx-get", "?after="]);
    let json = visit(&harness, show_desk_import::function, &format!("/v1/pages{}", page_path()), &cookie).await.json;
    assert_eq!((&json["status"], &json["problems"][0]["row"]), (&json!("done"), &json!(14)));
    owners.answer(&call(), 404, json!({}));
    assert_eq!(visit(&harness, show_desk_import::function, &page_path(), &cookie).await.status, 404);
}

#[tokio::test]
async fn more_rows_of_an_import_are_asked_for() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(&call(), 200, import("done", None));
    let request = get(&page_path(), &cookie).query("after", "15").parameter("importId", import_id());
    assert_eq!(harness.call(show_desk_import::function, request).await.status, 200);
    assert_eq!(owners.asked()[0].query, "after=15");
}

#[tokio::test]
async fn the_refused_rows_are_a_file_of_all_pages() {
    let (harness, owners, cookie) = merchant().await;
    let path = format!("{}/errors", page_path());
    owners.answer(&call(), 200, import("done", None));
    let file = visit(&harness, get_import_errors::function, &path, &cookie).await;
    assert_eq!(file.text, "row,reason\r\n14,\"the price <free> is none\"\r\n");
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!((file.headers["cache-control"].as_str(), owners.calls().len()), ("private, no-store", 1));
    owners.answer(&format!("{}?", call()), 200, import("done", Some(15)));
    owners.answer(&format!("{}?after=15", call()), 200, import("done", Some(99)));
    owners.answer(&format!("{}?after=99", call()), 200, import("done", None));
    let file = visit(&harness, get_import_errors::function, &path, &cookie).await;
    assert_eq!(file.text.lines().count(), 4);
    let queries: Vec<_> = owners.asked().into_iter().map(|asked| asked.query).collect();
    assert_eq!(queries, ["", "after=15", "after=99"]);
}

#[tokio::test]
async fn the_parts_of_an_import_are_for_merchants() {
    let (harness, owners) = shop().await;
    let cookie = sign_in_as(&harness, &owners, "courier").await;
    for function in [show_desk_import_live::function as fn() -> lambda::Function, get_import_errors::function] {
        let path = format!("{}/errors", page_path());
        assert_eq!(visit(&harness, function, &path, "").await.status, 401);
        assert_eq!(visit(&harness, function, &path, &cookie).await.status, 403);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}
