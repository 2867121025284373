//! Other services as a test makes them: what each call is answered, and what was asked.

use std::sync::{Arc, Mutex};

use contracts::{CartId, UserId};
use http::HeaderMap;
use lambda::testing::{Answer, Harness, Request};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Storefront, session::id_of};

/// A visitor without an account.
pub(super) const GUEST: u128 = 7;
/// A visitor with one.
pub(super) const CLARA: u128 = 8;

/// A call of another service.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Method and path, without the query.
    pub(super) call: String,
    pub(super) query: String,
    headers: HeaderMap,
    pub(super) body: Value,
    /// The body as it was sent.
    pub(super) bytes: Vec<u8>,
    /// The same as text.
    pub(super) text: String,
}

impl Asked {
    /// A header. Empty if it was not sent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The access token.
    pub(super) fn token(&self) -> &str {
        self.header("authorization").trim_start_matches("Bearer ")
    }
}

#[derive(Debug, Clone)]
struct Reply {
    call: String,
    status: u16,
    header: Option<(&'static str, String)>,
    body: Value,
}

/// The other services. A call that has no answer is answered 503.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners {
    replies: Arc<Mutex<Vec<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Owners {
    /// From now on, a call is answered like this. If it has a query, only with this query.
    pub(super) fn answer(&self, call: &str, status: u16, body: Value) {
        self.reply(Reply { call: call.to_owned(), status, header: None, body });
    }

    /// The same, with a header.
    pub(super) fn answer_with(&self, call: &str, status: u16, header: (&'static str, &str), body: Value) {
        let header = Some((header.0, header.1.to_owned()));
        self.reply(Reply { call: call.to_owned(), status, header, body });
    }

    /// From now on, a call is refused like this.
    pub(super) fn refuse(&self, call: &str, status: u16, slug: &str, pointers: &[&str]) {
        let error = |pointer: &&str| json!({"pointer": pointer, "detail": "is wrong"});
        let errors: Vec<_> = pointers.iter().map(error).collect();
        let kind = format!("/problems/{slug}");
        self.answer(
            call,
            status,
            json!({"type": kind, "title": "Refused", "detail": "It is refused.", "errors": errors}),
        );
    }

    fn reply(&self, reply: Reply) {
        let mut replies = self.replies.lock().unwrap();
        replies.retain(|own| own.call != reply.call);
        replies.push(reply);
    }

    /// What was asked since the last time, in order.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The calls since the last time.
    pub(super) fn calls(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.call).collect()
    }

    fn take(&self, request: &http::Request<impl AsRef<[u8]>>) -> http::Response<String> {
        let call = format!("{} {}", request.method(), request.uri().path());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let bytes = request.body().as_ref().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_default();
        let headers = request.headers().clone();
        self.asked.lock().unwrap().push(Asked { call: call.clone(), query, headers, body, bytes, text });
        let replies = self.replies.lock().unwrap();
        let with_query = format!("{call}?{}", request.uri().query().unwrap_or_default());
        let exact = replies.iter().find(|reply| reply.call == with_query);
        let Some(reply) = exact.or_else(|| replies.iter().find(|reply| reply.call == call)) else {
            return http::Response::builder().status(503).body(String::new()).unwrap();
        };
        let answer = http::Response::builder().status(reply.status);
        let answer = reply.header.iter().fold(answer, |answer, (name, value)| answer.header(*name, value));
        let body = if reply.body.is_null() { String::new() } else { reply.body.to_string() };
        answer.body(body).unwrap()
    }
}

/// A harness, and the other services: users makes guests and knows Clara, and checkout makes a cart.
pub(super) async fn shop() -> (Harness, Owners) {
    let owners = Owners::default();
    owners.answer("POST /v1/guests", 201, granted("guest", GUEST, "guest"));
    owners.answer("POST /v1/sessions", 201, granted("clara", CLARA, "customer"));
    owners.answer("POST /v1/carts", 201, cart(1, &[], None));
    owners.answer("DELETE /v1/sessions/current", 204, Value::Null);
    let harness = Harness::new(emulators::Cloud::memory().http_client()).await;
    let stub = owners.clone();
    let harness = harness.with_outbound_http(Arc::new(move |request| {
        let answer = stub.take(&request).map(Into::into);
        Box::pin(async { Ok(answer) })
    }));
    (with_apis(harness).with_check(super::markup::check), owners)
}

/// The same harness with an address for each service.
pub(super) fn with_apis(harness: Harness) -> Harness {
    let names =
        ["CATALOG_API", "CHECKOUT_API", "DELIVERY_API", "INVENTORY_API", "ORDERS_API", "PAYMENTS_API", "USERS_API"];
    names
        .into_iter()
        .fold(harness, |harness, name| harness.with_variable(name, &format!("https://{}.example", name.to_lowercase())))
}

/// What users answers when a session starts or goes on. Tokens begin with a name.
pub(super) fn granted(name: &str, user: u128, role: &str) -> Value {
    let id = UserId::from(Uuid::from_u128(user));
    let known = role != "guest";
    json!({
        "accessToken": format!("{name}-access"), "refreshToken": format!("{name}-refresh"), "tokenType": "Bearer",
        "expiresIn": 600,
        "user": {
            "id": id, "roles": [role], "email": known.then_some("clara@example.com"), "name": known.then_some("Clara Okafor"),
        },
    })
}

pub(super) fn cart_id(number: u128) -> CartId {
    Uuid::from_u128(number).into()
}

/// A cart with units of SKUs.
pub(super) fn cart(number: u128, lines: &[(&str, u32)], claim: Option<&str>) -> Value {
    let euro = |amount: u32| json!({"amount": amount, "currency": "EUR"});
    let line = |(sku, quantity): &(&str, u32)| {
        json!({
            "sku": sku, "title": format!("Thing {sku}"), "quantity": quantity, "unitPrice": euro(100),
            "total": euro(100 * quantity), "problems": [],
        })
    };
    json!({
        "id": cart_id(number), "status": "open", "currency": "EUR", "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "promotions": [], "problems": [], "claim": claim,
        "totals": {
            "items": euro(0), "discount": euro(0), "shipping": euro(0), "tax": euro(0), "taxIncluded": true, "total": euro(0),
        },
    })
}

/// The cookie that an answer sets, as a browser sends it back.
pub(super) fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.cookies.len(), 1, "{answer:?}");
    answer.cookies[0].split(';').next().unwrap().to_owned()
}

/// The secret field of the form at a path, for a visitor with a cookie.
pub(super) async fn token(harness: &Harness, cookie: &str, path: &str) -> String {
    let storefront: Storefront = harness.service();
    let id = id_of(cookie.split_once('=').unwrap().1);
    let session = storefront.store.session(&id).await.unwrap().expect("the session is there");
    session.form_token(path, &storefront.sealer)
}

/// The status of an answer and where it leads.
pub(super) fn led(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.headers.get("location").map_or("", String::as_str))
}

/// A visit of a page with a cookie.
pub(super) fn get(path: &str, cookie: &str) -> Request {
    Request::new("GET", path).header("cookie", cookie)
}

/// A form of a page with a cookie, and with its secret field.
pub(super) async fn post(harness: &Harness, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Request {
    let csrf = token(harness, cookie, path).await;
    let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
    Request::new("POST", path).form(&fields).header("cookie", cookie)
}

/// Signs Clara in. Returns her cookie.
pub(super) async fn sign_in(harness: &Harness, owners: &Owners) -> String {
    let form =
        Request::new("POST", "/sign-in").form(&[("email", "clara@example.com"), ("password", "a long password")]);
    let answer = harness.call(crate::operations::show_sign_in::function, form).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    owners.asked();
    cookie(&answer)
}

/// Signs in someone with a role. Returns the cookie.
pub(super) async fn sign_in_as(harness: &Harness, owners: &Owners, role: &str) -> String {
    owners.answer("POST /v1/sessions", 201, granted(role, 9, role));
    sign_in(harness, owners).await
}

/// Adds a lamp to the basket of a new guest. Returns the cookie of the guest, whose cart then has one.
pub(super) async fn guest(harness: &Harness, owners: &Owners) -> String {
    super::publish(harness, super::lamp()).await;
    super::stock(harness, "RED", 9, 1).await;
    owners.answer(&format!("PUT /v1/carts/{}/items/RED", cart_id(1)), 200, cart(1, &[("RED", 1)], None));
    let answer = add(harness, Request::new("POST", &product_path()).form(&[("sku", "RED")])).await;
    assert_eq!(led(&answer), (303, "/basket?added=1"), "{answer:?}");
    owners.answer(&format!("GET /v1/carts/{}", cart_id(1)), 200, cart(1, &[("RED", 1)], Some("the claim")));
    owners.asked();
    cookie(&answer)
}

/// The path of the lamp.
pub(super) fn product_path() -> String {
    crate::link::product(super::lamp_id(), "Fold desk lamp")
}

/// Sends the form of the lamp.
pub(super) async fn add(harness: &Harness, request: Request) -> Answer {
    let segment = product_path().trim_start_matches("/products/").to_owned();
    harness.call(crate::operations::show_product::function, request.parameter("productId", segment)).await
}
