//! The first step of the checkout.

use contracts::AddressId;
use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    owners::{Owners, cart_id, get, led, post},
    *,
};

const PATH: &str = "/checkout/address";
const FILLED: [(&str, &str); 5] =
    [("country", "DE"), ("name", "Clara Okafor"), ("line1", "Torstraße 12"), ("postcode", "10115"), ("city", "Berlin")];

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_checkout_address::function, get(PATH, cookie)).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, PATH, cookie, fields).await;
    harness.call(show_checkout_address::function, request).await
}

fn options() -> String {
    format!("GET /v1/carts/{}/shipping-options", cart_id(1))
}

fn shipping() -> String {
    format!("PUT /v1/carts/{}/shipping", cart_id(1))
}

fn ships(owners: &Owners) {
    owners.answer(&options(), 200, json!({"items": [standard(), express()], "nextCursor": null}));
    owners.answer(&shipping(), 200, json!({"address": berlin(), "option": standard(), "problems": []}));
}

#[tokio::test]
async fn without_a_basket_there_is_nothing_to_order() {
    let (harness, owners, cookie) = buying(true).await;
    for (answer, why) in [
        (show(&harness, "").await, "no session"),
        (
            {
                let mut empty = basket(None);
                empty["lines"] = json!([]);
                owners.answer(&cart_path(), 200, empty);
                show(&harness, &cookie).await
            },
            "an empty basket",
        ),
        (
            {
                let mut ordered = basket(None);
                ordered["status"] = json!("ordered");
                owners.answer(&cart_path(), 200, ordered);
                show(&harness, &cookie).await
            },
            "an ordered basket",
        ),
    ] {
        assert_eq!(led(&answer), (303, "/basket"), "{why}");
    }
    let json = get("/v1/pages/checkout/address", &cookie);
    let told = harness.call(show_checkout_address::function, json).await;
    assert_eq!((told.status, told.problem()), (409, "step-needed"));
    assert_eq!(led(&send(&harness, &cookie, &FILLED).await), (303, "/basket"));
}

#[tokio::test]
async fn the_form_has_the_fields_of_the_country_and_the_summary_beside_it() {
    let (harness, owners, cookie) = buying(true).await;
    let page = show(&harness, &cookie).await;
    golden("checkout-address", &page);
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"));
    has(
        &page,
        &[
            "<option value=\"DE\" selected>Germany</option>",
            "autocomplete=\"shipping postal-code\" inputmode=\"numeric\" required",
            "Have an account?",
            "Fold desk lamp",
            "2 × €49.99",
            "next step",
            "Total so far",
        ],
    );
    lacks(&page, &["id=\"region\"", "id=\"errors\""]);
    assert_eq!(owners.calls(), [cart_path()], "calls of the page");
    let changed = send(&harness, &cookie, &[("country", "US"), ("line1", "1 Main St"), ("change", "country")]).await;
    assert_eq!(changed.status, 422);
    has(
        &changed,
        &["<option value=\"US\" selected>", "value=\"1 Main St\"", "<option value=\"CA\">California</option>"],
    );
    lacks(&changed, &["id=\"errors\""]);
    assert_eq!(owners.calls(), [cart_path()], "nothing is set yet");
}

#[tokio::test]
async fn the_usual_country_is_that_of_the_currency() {
    let (harness, owners, cookie) = buying(true).await;
    for (currency, selected) in [("EUR", "DE"), ("GBP", "GB"), ("USD", "US")] {
        let mut basket = basket(None);
        basket["currency"] = json!(currency);
        owners.answer(&cart_path(), 200, basket);
        has(&show(&harness, &cookie).await, &[&format!("<option value=\"{selected}\" selected>")]);
    }
    owners.answer(&cart_path(), 200, addressed());
    has(&show(&harness, &cookie).await, &["value=\"Torstraße 12\"", "value=\"10115\"", "Parcel", "Includes tax"]);
}

#[tokio::test]
async fn an_address_is_set_with_the_first_option_or_the_one_it_had() {
    let (harness, owners, cookie) = buying(true).await;
    ships(&owners);
    assert_eq!(led(&send(&harness, &cookie, &FILLED).await), (303, "/checkout/shipping"));
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| asked.call.as_str()).collect();
    assert_eq!(calls, [cart_path(), options(), shipping()]);
    assert_eq!(asked[2].body, json!({"address": berlin(), "option": "standard"}));
    assert_eq!(asked[2].token(), "guest-access");
    owners.answer(&cart_path(), 200, super::buying::basket(Some(json!({"option": express(), "address": berlin()}))));
    send(&harness, &cookie, &FILLED).await;
    assert_eq!(owners.asked()[2].body["option"], "express");
}

#[tokio::test]
async fn what_is_missing_is_said_at_its_field_and_nothing_is_lost() {
    let (harness, owners, cookie) = buying(true).await;
    let page = send(&harness, &cookie, &[("country", "DE"), ("line1", "Torstraße 12"), ("city", "Berlin")]).await;
    golden("checkout-address-with-faults", &page);
    assert_eq!(page.status, 422);
    has(
        &page,
        &[
            "Two fields need a correction",
            "<a href=\"#name\">Enter the name of the recipient</a>",
            "<a href=\"#postcode\">Enter a postcode, for example 26133</a>",
            "id=\"name-error\"",
            "aria-invalid=\"true\"",
            "value=\"Torstraße 12\"",
            "Error: checkout, address",
        ],
    );
    assert_eq!(owners.calls(), [cart_path()]);
}

#[tokio::test]
async fn what_checkout_refuses_is_said_at_its_field() {
    let (harness, owners, cookie) = buying(true).await;
    ships(&owners);
    owners.refuse(&shipping(), 422, "invalid-input", &["/address/city"]);
    let page = send(&harness, &cookie, &FILLED).await;
    assert_eq!(page.status, 422);
    has(&page, &["One field needs a correction", "<a href=\"#city\">Town or city: is wrong</a>", "value=\"10115\""]);
    lacks(&page, &["This address was not accepted"]);
    owners.refuse(&shipping(), 409, "cart-closed", &[]);
    has(&send(&harness, &cookie, &FILLED).await, &["This address was not accepted", "It is refused."]);
    owners.refuse(&shipping(), 403, "forbidden", &[]);
    assert_eq!(send(&harness, &cookie, &FILLED).await.status, 403, "the address is not at fault");
    owners.refuse(&options(), 422, "invalid-input", &["/country"]);
    has(&send(&harness, &cookie, &FILLED).await, &["<a href=\"#country\">Country: is wrong</a>"]);
    owners.refuse(&options(), 422, "country-not-served", &[]);
    let nowhere = send(&harness, &cookie, &FILLED).await;
    has(&nowhere, &["We do not ship to Germany", "It is refused.", "Your basket is kept.", "value=\"Torstraße 12\""]);
    owners.answer(&options(), 200, json!({"items": [], "nextCursor": null}));
    has(&send(&harness, &cookie, &FILLED).await, &["We do not ship to Germany"]);
    owners.answer(&options(), 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &FILLED).await.status, 503);
}

#[tokio::test]
async fn a_customer_chooses_one_of_the_known_addresses() {
    let (harness, owners, cookie) = buying(false).await;
    ships(&owners);
    let [first, second] = [1, 2].map(|number| AddressId::from(Uuid::from_u128(number)).to_string());
    let other = json!({"name": "Clara, care of Adewale", "line1": "Brunnenweg 3", "city": "Innsbruck", "postcode": "6020", "country": "AT"});
    let saved = json!({"items": [
        {"id": first, "address": berlin(), "default": false, "problems": [], "version": 1},
        {"id": second, "address": other, "default": true, "problems": [], "version": 1},
    ], "nextCursor": null});
    owners.answer("GET /v1/me/addresses", 200, saved);
    let page = show(&harness, &cookie).await;
    has(&page, &[&format!("value=\"{second}\" checked"), "Brunnenweg 3, 6020 Innsbruck, Austria", "Another address"]);
    lacks(&page, &["id=\"line1\"", "Have an account?", &format!("value=\"{first}\" checked")]);
    assert_eq!(owners.calls().len(), 2, "calls of the page");
    assert_eq!(led(&send(&harness, &cookie, &[("address", &second)]).await), (303, "/checkout/shipping"));
    assert_eq!(owners.asked().last().unwrap().body["address"], other);
    assert_eq!(led(&send(&harness, &cookie, &[("address", "new")]).await), (303, "/checkout/address?new=1"));
    assert_eq!(led(&send(&harness, &cookie, &[("address", "adr_9")]).await), (303, "/checkout/address"));
    let new = harness.call(show_checkout_address::function, get(PATH, &cookie).query("new", "1")).await;
    has(&new, &["id=\"line1\""]);
    owners.answer(&cart_path(), 200, addressed());
    has(&show(&harness, &cookie).await, &[&format!("value=\"{first}\" checked")]);
    // Without the addresses of the account, one can be entered.
    owners.answer("GET /v1/me/addresses", 503, Value::Null);
    has(&show(&harness, &cookie).await, &["id=\"line1\""]);
}

#[tokio::test]
async fn a_form_of_another_page_sets_no_address() {
    let (harness, owners, cookie) = buying(true).await;
    ships(&owners);
    let token = super::owners::token(&harness, &cookie, "/basket").await;
    let fields: Vec<_> = FILLED.into_iter().chain([("csrf", token.as_str())]).collect();
    let request = Request::new("POST", PATH).form(&fields).header("cookie", &cookie);
    assert_eq!(harness.call(show_checkout_address::function, request).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_typed_is_text() {
    let (harness, _, cookie) = buying(true).await;
    let page = send(&harness, &cookie, &[("country", HOSTILE), ("name", HOSTILE), ("city", HOSTILE)]).await;
    assert_eq!(page.status, 422);
    lacks(&page, &["<script>alert"]);
}

#[tokio::test]
async fn two_versions_of_a_product_are_two_lines() {
    let (harness, owners, cookie) = buying(true).await;
    let mut both = basket(None);
    let mut ink = both["lines"][0].clone();
    ink["sku"] = json!("INK");
    both["lines"].as_array_mut().unwrap().push(ink);
    owners.answer(&cart_path(), 200, both);
    has(&show(&harness, &cookie).await, &["red · 2 × €49.99", "ink · 2 × €49.99"]);
}
