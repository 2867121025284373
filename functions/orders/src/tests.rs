//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod access;
mod list_orders;
mod payment;
mod place_order;
mod saga;

use contracts::{
    Address, Currency, Money, OrderId, OrderLine, Quote, Role, TaxClass, Totals, UserId,
    events::checkout::QuoteKeyPublished,
};
use emulators::Cloud;
use jiff::SignedDuration;
use lambda::{
    jws::SigningKey,
    testing::{Answer, Harness, Request, START, user},
};
use serde_json::json;
use uuid::Uuid;

use crate::operations::{
    get_order::function as get_order, place_order::function as place_order,
    project_quote_key::function as project_quote_key,
};

/// The service, with a key that checkout published.
struct Shop {
    harness: Harness,
    key: SigningKey,
}

async fn shop() -> Shop {
    let harness = Harness::new(Cloud::memory().http_client()).await;
    let harness = harness.with_variable("ALLOWED_ORIGINS", "https://shop.example,http://localhost:5173");
    let key = SigningKey::generate();
    let expires_at = START + SignedDuration::from_hours(24);
    let published = QuoteKeyPublished { kid: key.kid.clone(), x: key.x.clone(), expires_at };
    harness.consume(project_quote_key, published).await.unwrap();
    Shop { harness, key }
}

impl Shop {
    /// Places an order from the quote with a number, and returns its id.
    async fn placed(&self, number: u128) -> OrderId {
        let answer = self.harness.call(place_order, placing(&self.signed(&quote(number)))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json["id"].as_str().unwrap().parse().unwrap()
    }

    fn signed(&self, quote: &Quote) -> String {
        self.key.sign(quote, "test").unwrap()
    }

    async fn order(&self, id: OrderId) -> Answer {
        self.harness.call(get_order, as_buyer("GET", id, "")).await
    }

    async fn status(&self, id: OrderId) -> String {
        self.order(id).await.json["status"].as_str().unwrap().to_owned()
    }
}

fn buyer() -> UserId {
    user(1)
}

fn as_buyer(method: &str, id: OrderId, path: &str) -> Request {
    Request::new(method, &format!("/v1/orders/{id}{path}")).from(buyer(), &[Role::Customer]).parameter("orderId", id)
}

fn placing(quote: &str) -> Request {
    Request::new("POST", "/v1/orders")
        .from(buyer(), &[Role::Customer])
        .json(&json!({"quote": quote, "paymentMethod": "pm_card_visa"}))
}

fn quote(number: u128) -> Quote {
    let money = |amount| Money::new(amount, Currency::Eur);
    Quote {
        jti: Uuid::from_u128(number).into(),
        sub: buyer(),
        exp: START.as_second() + 900,
        iat: START.as_second(),
        cart: Uuid::from_u128(number).into(),
        generation: 0,
        redemptions: Vec::new(),
        lines: vec![OrderLine {
            sku: "LAMP".parse().unwrap(),
            product: Uuid::nil().into(),
            title: "Lamp".to_owned(),
            quantity: 2,
            unit_price: money(1000),
            list_price: None,
            price_list: None,
            discount: money(0),
            discounts: Vec::new(),
            tax_class: TaxClass::STANDARD,
            tax_included: false,
            tax: money(400),
            total: money(2000),
        }],
        totals: Totals {
            items: money(2000),
            discount: money(0),
            shipping: money(500),
            tax: money(400),
            tax_included: false,
            total: money(2900),
        },
        shipping_option: "standard".to_owned(),
        ship_to: Address {
            name: "Ada Lovelace".to_owned(),
            line1: "12 St James Square".to_owned(),
            line2: None,
            city: Some("London".to_owned()),
            region: None,
            postcode: Some("SW1Y 4JH".to_owned()),
            country: "GB".to_owned(),
        },
    }
}
