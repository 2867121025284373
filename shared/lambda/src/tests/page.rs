//! Pages: as HTML and as JSON, their forms, and who may keep them.

use std::fmt;

use super::*;
use crate::{Acted, Form, Html, Seen, ShownProblem, Site, StaticFile, Visit, Visitor, missing};

impl Site for Counters {
    const SESSION_COOKIE: &'static str = "session";

    async fn problem_page(self, visitor: Visitor, problem: ShownProblem) -> String {
        let ShownProblem { status, slug, detail, form, .. } = problem;
        let fields = form.iter().flat_map(Form::fields).map(|(name, value)| format!(" {name}={value}"));
        let fields = fields.collect::<String>();
        format!("<p>{} {status} {slug} {}{fields}</p>", visitor.path, detail.unwrap_or_default())
    }
}

/// The number, and what was entered.
#[derive(Debug, Serialize, JsonSchema)]
struct CountPage {
    count: u32,
    #[serde(skip)]
    entered: String,
}

impl fmt::Display for CountPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<p>{}</p>{}", self.count, self.entered)
    }
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct ShowCount {
    #[garde(skip)]
    fail: Option<String>,
}

fn page() -> Function {
    Function::form("show-count", show, act).shared()
}

async fn show(counters: Counters, visit: Visit<ShowCount>) -> Result<Html<CountPage>, Problem> {
    match visit.input.fail.as_deref() {
        Some("not-found") => return Err(Problem::not_found("page")),
        Some("internal") => return Err(Problem::internal("a secret reason")),
        _ => {}
    }
    let count = counters.counter().await?.count;
    let is_partial = visit.input.fail.as_deref() == Some("partly");
    let missing = missing([("price", false), ("stock", is_partial), ("rating", is_partial)]);
    Ok(Html::new(CountPage { count, entered: String::new() }).without(missing))
}

async fn act(counters: Counters, visit: Visit<Form>) -> Result<Acted<CountPage>, Problem> {
    let Counter { count, version } = counters.counter().await?;
    let Ok(Count { by }) = visit.input.read() else {
        let entered = visit.input.text("by").unwrap_or_default().to_owned();
        return Ok(Acted::Again(CountPage { count, entered }));
    };
    let counter = Counter { count: count + by, version };
    counters.table.commit(&visit.context).save(&counter).run().await?;
    Ok(Acted::See { to: "/count".to_owned(), cookie: Some("session=1; Path=/".to_owned()) })
}

fn get(path: &str) -> Request {
    Request::new("GET", path)
}

fn post(fields: &[(&str, &str)]) -> Request {
    Request::new("POST", "/count").form(fields)
}

#[tokio::test]
async fn a_page_is_html_at_its_path_and_json_among_the_pages() {
    let harness = harness().await;
    let html = harness.call(page, get("/count")).await;
    assert_eq!((html.status, html.text.as_str()), (200, "<p>0</p>"));
    assert_eq!(html.headers["content-type"], "text/html; charset=utf-8");
    let json = harness.call(page, get("/v1/pages/count")).await;
    assert_eq!((json.json, json.headers["content-type"].as_str()), (json!({"count": 0}), "application/json"));
    assert_eq!(harness.call(page, Request::new("HEAD", "/count")).await.status, 200);
}

#[tokio::test]
async fn a_form_is_done_once_and_leads_to_a_page() {
    let harness = harness().await;
    let done = harness.call(page, post(&[("by", "3")])).await;
    assert_eq!((done.status, done.headers["location"].as_str(), done.text.as_str()), (303, "/count", ""));
    assert_eq!(
        (done.cookies.as_slice(), done.headers.get("set-cookie")),
        (&["session=1; Path=/".to_owned()][..], None)
    );
    assert_eq!(done.headers["cache-control"], "private, no-store");
    assert_eq!(harness.call(page, get("/count")).await.text, "<p>3</p>");
}

#[tokio::test]
async fn a_form_that_is_refused_comes_back_with_what_was_entered() {
    let harness = harness().await;
    for by in ["0", "11", "three"] {
        let again = harness.call(page, post(&[("by", by)])).await;
        assert_eq!((again.status, again.text), (422, format!("<p>0</p>{by}")));
        assert_eq!(again.headers["cache-control"], "private, no-store");
    }
    let absent = harness.call(page, post(&[("by", " ")])).await;
    assert_eq!((absent.status, absent.text.as_str()), (422, "<p>0</p>"), "an empty field is absent");
}

#[tokio::test]
async fn a_form_may_come_as_text_or_in_base64() {
    let harness = harness().await;
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let text = Request::new("POST", "/count").header("host", "souk.example").header("origin", "https://souk.example");
    let text = text.header("content-type", kind).body("by=2");
    assert_eq!(harness.call(page, text).await.status, 303);
    assert_eq!(harness.call(page, post(&[("by", "2")])).await.status, 303, "the harness sends it in base64");
    assert_eq!(counted(&harness).await, 4);
}

#[tokio::test]
async fn a_form_may_come_with_a_file() {
    let harness = harness().await;
    let form = |fields: &[(&str, &str)]| Request::new("POST", "/count").form_with_file(fields, "file", b"\xff");
    assert_eq!(harness.call(page, form(&[("by", "2")])).await.status, 303);
    assert_eq!(harness.call(page, form(&[("by", " ")])).await.status, 422, "an empty field is none");
    let cut = form(&[("by", "2")]).header("content-type", "multipart/form-data; boundary=another");
    assert_eq!(harness.call(page, cut).await.status, 400);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let harness = harness().await;
    let json = Request::new("POST", "/count").header("host", "souk.example").header("origin", "https://souk.example");
    let json = json.json(&json!({"by": 1}));
    assert_eq!(harness.call(page, json).await.status, 415);
    let large = post(&[("by", &"1".repeat(300 * 1024))]);
    assert_eq!(harness.call(page, large).await.status, 413);
    assert_eq!(counted(&harness).await, 0);
}

#[tokio::test]
async fn only_a_page_of_this_host_can_send_a_form() {
    let harness = harness().await;
    let status = async |request: Request| harness.call(page, request).await.status;
    for origin in ["https://evil.example", "null", "http://souk.example", "https://souk.example:8443", ""] {
        assert_eq!(status(post(&[("by", "1")]).header("origin", origin)).await, 403, "{origin}");
    }
    let without = |site: Option<&str>| {
        let request = Request::new("POST", "/count").header("host", "souk.example");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("by=1");
        site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site))
    };
    assert_eq!(status(without(None)).await, 403);
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(status(without(Some(site))).await, 403, "{site}");
    }
    assert_eq!(counted(&harness).await, 0);
    assert_eq!(status(without(Some("same-origin"))).await, 303);
    assert_eq!(status(post(&[("by", "1")]).header("origin", "HTTPS://Souk.Example")).await, 303);
}

#[tokio::test]
async fn behind_the_edge_the_host_is_the_one_that_the_edge_was_asked() {
    let harness = harness().await.with_variable("EDGE_SECRET", "the secret");
    let form = |secret: &str| {
        let request = post(&[("by", "1")]).header("host", "api.example").header("souk-viewer-host", "souk.example");
        request.header("souk-edge-secret", secret)
    };
    assert_eq!(harness.call(page, form("the secret")).await.status, 303);
    assert_eq!(harness.call(page, form("a guess")).await.status, 403, "anybody could say which host it is");
}

#[tokio::test]
async fn a_problem_is_a_page_for_browsers_and_json_for_others() {
    let harness = harness().await;
    let missing = harness.call(page, get("/count").query("fail", "not-found")).await;
    assert_eq!((missing.status, missing.text.as_str()), (404, "<p>/count 404 not-found There is no such page.</p>"));
    assert_eq!(missing.headers["content-type"], "text/html; charset=utf-8");
    let failed = harness.call(page, get("/count").query("fail", "internal")).await;
    assert_eq!(failed.status, 500);
    assert!(!failed.text.contains("secret"), "{}", failed.text);
    let json = harness.call(page, get("/v1/pages/count").query("fail", "not-found")).await;
    assert_eq!((json.status, json.problem()), (404, "not-found"));
    let foreign = harness.call(page, post(&[("by", "7")]).header("origin", "https://other.example")).await;
    assert!(foreign.text.ends_with(" by=7</p>"), "a problem of a form has what was entered: {}", foreign.text);
}

#[tokio::test]
async fn the_edge_keeps_a_whole_page_of_visitors_without_a_session() {
    let harness = harness().await;
    let kept = async |request: Request| harness.call(page, request).await.headers["cache-control"].clone();
    assert_eq!(kept(get("/count")).await, "public, max-age=0, s-maxage=60");
    assert_eq!(kept(get("/count").header("cookie", "other=1; currency=EUR")).await, "public, max-age=0, s-maxage=60");
    for private in [get("/count").header("cookie", "a=b; session=1"), get("/count").query("fail", "partly")] {
        assert_eq!(kept(private).await, "private, no-store");
    }
    assert_eq!(kept(get("/count").query("fail", "not-found")).await, "no-store");
}

#[tokio::test]
async fn a_page_names_its_parts_that_are_missing() {
    let harness = harness().await;
    let whole = harness.call(page, get("/count")).await;
    assert!(!whole.headers.contains_key("souk-partial"), "{:?}", whole.headers);
    for path in ["/count", "/v1/pages/count"] {
        let partial = harness.call(page, get(path).query("fail", "partly")).await;
        assert_eq!(partial.headers["souk-partial"], "stock, rating", "{path}");
    }
}

#[tokio::test]
async fn every_reply_has_the_headers_that_protect_a_browser() {
    let harness = harness().await;
    let requests = [
        get("/count"),
        get("/v1/pages/count"),
        get("/count").query("fail", "not-found"),
        get("/v1/pages/count").query("fail", "not-found"),
        post(&[("by", "1")]),
        post(&[("by", "0")]),
    ];
    for request in requests {
        let reply = harness.call(page, request).await;
        let policy = &reply.headers["content-security-policy"];
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for name in [
            "cross-origin-opener-policy",
            "permissions-policy",
            "referrer-policy",
            "strict-transport-security",
            "x-content-type-options",
            "x-request-id",
        ] {
            assert!(reply.headers.contains_key(name), "{name}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_file_is_sent_as_it_is() {
    fn file() -> Function {
        Function::page("get-file", |_: Counters, visit: Visit<ShowCount>| async move {
            Ok(match visit.input.fail {
                None => StaticFile::immutable("font/woff2", [0_u8, 159, 255]),
                Some(text) => StaticFile::new("text/css", text),
            })
        })
        .shared()
    }
    let harness = harness().await;
    let font = harness.call(file, get("/font")).await;
    assert_eq!((font.status, font.text.as_str()), (200, "AJ//"), "in base64");
    assert_eq!(font.headers["cache-control"], "public, max-age=31536000, immutable");
    let style = harness.call(file, get("/style").query("fail", "a{}")).await;
    assert_eq!(
        (style.text.as_str(), style.headers["cache-control"].as_str()),
        ("a{}", "public, max-age=0, s-maxage=60")
    );
}

#[tokio::test]
async fn a_page_can_lead_this_visitor_to_another_one() {
    fn guarded() -> Function {
        Function::page("show-guarded", |_: Counters, visit: Visit<ShowCount>| async move {
            Ok(match visit.input.fail {
                None => Seen::See("/sign-in".to_owned()),
                Some(to) => Seen::<CountPage>::Moved(to),
            })
        })
        .shared()
    }
    let harness = harness().await;
    let led = harness.call(guarded, get("/guarded")).await;
    assert_eq!((led.status, led.headers["location"].as_str(), led.text.as_str()), (303, "/sign-in", ""));
    assert_eq!(led.headers["cache-control"], "private, no-store", "another visitor sees the page");
    let moved = harness.call(guarded, get("/guarded").query("fail", "/count")).await;
    assert_eq!((moved.status, moved.headers["location"].as_str()), (301, "/count"));
    assert_eq!(moved.headers["cache-control"], "public, max-age=0, s-maxage=60");
}

#[tokio::test]
async fn a_form_that_must_wait_comes_back_with_the_time() {
    fn waiting() -> Function {
        let act = |_: Counters, visit: Visit<Form>| async move {
            let entered = visit.input.text("by").unwrap_or_default().to_owned();
            Ok(Acted::Later { page: CountPage { count: 0, entered }, seconds: 60 })
        };
        Function::form("show-count", show, act)
    }
    let harness = harness().await;
    let later = harness.call(waiting, post(&[("by", "3")])).await;
    assert_eq!((later.status, later.headers["retry-after"].as_str()), (429, "60"));
    assert_eq!((later.text.as_str(), later.headers["cache-control"].as_str()), ("<p>0</p>3", "private, no-store"));
}
