//! Who sees the pages of a desk, and who is led to them.

use lambda::Function;

use super::{owners::*, *};

/// A page: function, path, and the parameter in the path.
type Page = (fn() -> Function, String, &'static str);

/// The pages of the merchant desk.
fn pages() -> Vec<Page> {
    vec![
        (show_desk::function as fn() -> Function, "/desk".to_owned(), ""),
        (show_desk_orders::function, "/desk/orders".to_owned(), ""),
        (show_desk_imports::function, "/desk/imports".to_owned(), ""),
        (
            show_desk_import::function,
            format!("/desk/imports/{}", contracts::ImportId::from(Uuid::from_u128(1))),
            "importId",
        ),
        (show_desk_products::function, "/desk/products".to_owned(), ""),
        (show_desk_promotions::function, "/desk/promotions".to_owned(), ""),
        (show_desk_promotion::function, "/desk/promotions/new".to_owned(), ""),
        (show_desk_product::function, format!("/desk/products/{}", lamp_id()), "productId"),
    ]
}

async fn visit(harness: &Harness, (function, path, name): &Page, request: Request) -> Answer {
    let id = path.rsplit('/').next().unwrap_or_default();
    harness.call(*function, if name.is_empty() { request } else { request.parameter(name, id) }).await
}

#[tokio::test]
async fn without_an_account_the_desk_leads_to_signing_in() {
    let (harness, owners) = shop().await;
    for page in pages() {
        let path = page.1.as_str();
        let answer = visit(&harness, &page, get(path, "")).await;
        assert_eq!(led(&answer), (303, format!("/sign-in?next={}", crate::link::part(path)).as_str()));
        let json = visit(&harness, &page, get(&format!("/v1/pages{path}"), "")).await;
        assert_eq!((json.status, json.problem()), (401, "unauthenticated"), "{path}");
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_desk_is_for_those_who_work_there() {
    for role in ["customer", "courier", "support"] {
        let (harness, owners) = shop().await;
        let cookie = sign_in_as(&harness, &owners, role).await;
        for page in pages() {
            let answer = visit(&harness, &page, get(&page.1, &cookie)).await;
            assert_eq!(answer.status, 403, "{role} {}", page.1);
            assert!(answer.text.contains("This page is for merchants."), "{}", answer.text);
        }
        assert_eq!(owners.calls(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_form_of_a_desk_is_for_those_who_work_there() {
    let (harness, owners) = shop().await;
    let cookie = sign_in_as(&harness, &owners, "support").await;
    let path = format!("/desk/products/{}", lamp_id());
    let page = (show_desk_product::function as fn() -> Function, path.clone(), "productId");
    let form = [("action", "adjust"), ("sku", "RED"), ("delta", "1"), ("reason", "lost"), ("key", "key-1")];
    let request = post(&harness, &path, &cookie, &form).await;
    assert_eq!(visit(&harness, &page, request).await.status, 403);
    let without = Request::new("POST", &path).form(&form);
    assert_eq!(visit(&harness, &page, without).await.status, 303);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn the_header_links_to_the_desks_of_the_visitor() {
    let desks = async |role: &str| {
        let (harness, owners) = shop().await;
        let cookie = sign_in_as(&harness, &owners, role).await;
        let text = harness.call(show_basket::function, get("/basket", &cookie)).await.text;
        ["/desk", "/deliveries", "/support"].map(|path| text.contains(&format!("<a href=\"{path}\">")))
    };
    assert_eq!(desks("customer").await, [false, false, false]);
    assert_eq!(desks("merchant").await, [true, false, false]);
    assert_eq!(desks("courier").await, [false, true, false]);
    assert_eq!(desks("support").await, [false, false, true]);
    assert_eq!(desks("admin").await, [true, true, true]);
    let (harness, owners) = shop().await;
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    let text = harness.call(show_basket::function, get("/basket", &cookie)).await.text;
    assert!(text.contains("<a href=\"/desk\">Desk</a>"), "{text}");
}

#[tokio::test]
async fn the_header_of_a_desk_links_to_the_other_desks() {
    let header = async |role: &str| {
        let (harness, owners) = shop().await;
        let cookie = sign_in_as(&harness, &owners, role).await;
        let text = harness.call(show_desk::function, get("/desk", &cookie)).await.text;
        text.split("aria-label=\"Merchant desk\"").next().unwrap_or_default().to_owned()
    };
    let merchant = header("merchant").await;
    assert!(merchant.contains("<small>Merchant desk</small>") && !merchant.contains("href=\"/support\""), "{merchant}");
    let admin = header("admin").await;
    assert!(admin.contains("<a href=\"/support\">Support desk</a>") && !admin.contains("href=\"/desk\""), "{admin}");
}
