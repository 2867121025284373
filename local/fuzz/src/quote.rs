//! A quote: only what checkout signed becomes an order, and whatever it signed is understood.

use contracts::{Quote, Role, events::checkout::QuoteKeyPublished};
use jiff::SignedDuration;
use lambda::{
    jws::{Claims, SigningKey},
    testing::{Request, START, user},
};
use orders::operations::{place_order::function as place_order, project_quote_key::function as project_quote_key};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Service, near};

/// Claims of any form, for a quote's type.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Anything(Value);

impl Claims for Anything {
    const TYPE: &'static str = Quote::TYPE;
    const ISSUER: &'static str = Quote::ISSUER;
    const AUDIENCE: Option<&'static str> = Quote::AUDIENCE;

    fn issued_at(&self) -> i64 {
        self.0["iat"].as_i64().unwrap_or_default()
    }

    fn expires_at(&self) -> i64 {
        i64::MAX
    }
}

thread_local! {
    /// The orders, and checkout's key.
    static ORDERS: (Service, SigningKey) = {
        let orders = Service::open();
        let key = SigningKey::generate();
        let expires_at = START + SignedDuration::from_hours(24);
        let published = QuoteKeyPublished { kid: key.kid.clone(), x: key.x.clone(), expires_at };
        orders.run(orders.harness.consume(project_quote_key, published)).expect("the key is learned");
        (orders, key)
    };
}

/// Places an order: from claims that checkout signed, if the bytes are an object, else from a token near one.
pub fn quote(bytes: &[u8]) {
    ORDERS.with(|(orders, key)| {
        let sign = |claims| key.sign(&Anything(claims), "test").expect("JSON can be signed");
        let claims = serde_json::from_slice(bytes).ok().filter(Value::is_object);
        let signed = claims.is_some();
        let quote = claims.map_or_else(|| near(&sign(json!({})), bytes), sign);
        let body = json!({"quote": quote, "paymentMethod": "pm_card_visa"});
        let request = Request::new("POST", "/v1/orders").from(user(1), &[Role::Customer]).json(&body);
        let answer = orders.run(orders.harness.call(place_order, request));
        let expected: &[u16] = if signed { &[201, 409, 422] } else { &[422] };
        assert!(expected.contains(&answer.status), "{answer:?} for {quote}");
    });
}
