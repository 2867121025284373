//! Tests of the operations, invoked like Lambda does, with the embedded store and the sandbox provider over HTTP.

mod approval;
mod authorize;
mod capture;
mod refund;
mod reversal;
mod view;
mod void;
mod webhook;

use std::future::pending;

use bytes::Bytes;
use contracts::{
    Currency, Money, OrderId, PaymentId, Role,
    events::{
        delivery::ShipmentDispatched,
        orders::{CancelReason, OrderCancelled, OrderReserved},
    },
};
use emulators::Cloud;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use jiff::SignedDuration;
use lambda::{
    Time,
    testing::{Answer, Harness, Request, START, user},
};
use serde_json::Value;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::operations::{
    authorize_payment::function as authorize_payment, capture_payment::function as capture_payment,
    get_payment::function as get_payment, list_payments::function as list_payments,
    resolve_unknown::function as resolve_unknown, void_or_refund::function as void_or_refund,
};

const API_KEY: &str = "sk_test";
/// A port without a listener.
const NOWHERE: &str = "http://127.0.0.1:1";

/// The service, its provider, and a customer: user 2.
struct Shop {
    harness: Harness,
    /// The same table, with a provider that is not reachable.
    cut_off: Harness,
    provider: String,
}

impl Shop {
    async fn open() -> Self {
        Self::reporting_to(None).await
    }

    async fn reporting_to(webhooks: Option<sandbox::Webhooks>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = format!("http://{}", listener.local_addr().unwrap());
        let pages = format!("{provider}{}", sandbox::PAGES);
        let options = sandbox::Options { api_key: API_KEY.to_owned(), webhooks, pages, folder: None };
        tokio::spawn(sandbox::serve(listener, options, pending()));
        let harness = Harness::new(Cloud::memory().http_client()).await.with_variable("STRIPE_API_KEY", API_KEY);
        let cut_off = harness.clone().with_variable("STRIPE_API_URL", NOWHERE);
        Self { harness: harness.with_variable("STRIPE_API_URL", &provider), cut_off, provider }
    }

    fn reserved(&self, number: u128, method: &str) -> OrderReserved {
        let sealer = self.harness.env().sealer().unwrap();
        OrderReserved {
            order: order(number),
            customer: user(2),
            total: eur(1000),
            payment_method: sealer.seal("payment-method", &method.to_owned()).unwrap(),
            return_url: None,
            deadline: self.harness.now() + SignedDuration::from_hours(1),
        }
    }

    async fn authorize(&self, number: u128, method: &str) {
        self.harness.consume(authorize_payment, self.reserved(number, method)).await.unwrap();
    }

    async fn cancel(&self, number: u128) {
        self.harness.consume(void_or_refund, cancelled(number)).await.unwrap();
    }

    async fn dispatch(&self, number: u128) {
        self.harness.consume(capture_payment, dispatched(number)).await.unwrap();
    }

    /// Runs the function that asks the provider again about all overdue payments.
    async fn sweep(&self) {
        self.harness.advance(SignedDuration::from_hours(2));
        self.harness.tick(resolve_unknown).await;
    }

    /// The payment, as support sees it.
    async fn payment(&self, number: u128) -> Value {
        let answer = self.harness.call(get_payment, get(number).from(user(9), &[Role::Support])).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(sums(&answer.json), 0, "the ledger does not close: {answer:?}");
        answer.json
    }

    async fn status(&self, number: u128) -> String {
        self.payment(number).await["status"].as_str().unwrap().to_owned()
    }

    /// Sends a request to the provider that this service never sends.
    async fn post(&self, path: &str, form: &str) {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let request = http::Request::post(format!("{}{path}", self.provider));
        let request = request.header("authorization", format!("Bearer {API_KEY}"));
        let answer = client.request(request.body(form.to_owned().into()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// The status and captured amount, in minor units, of each intent of the provider.
    async fn charges(&self) -> Vec<(String, i64)> {
        let charge = |intent: &Value| {
            (intent["status"].as_str().unwrap().to_owned(), intent["amount_received"].as_i64().unwrap())
        };
        self.intents().await.iter().map(charge).collect()
    }

    /// The intents of the provider.
    async fn intents(&self) -> Vec<Value> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let request = http::Request::get(format!("{}/v1/payment_intents", self.provider));
        let request = request.header("authorization", format!("Bearer {API_KEY}")).body(Full::default()).unwrap();
        let body = client.request(request).await.unwrap().collect().await.unwrap().to_bytes();
        serde_json::from_value(serde_json::from_slice::<Value>(&body).unwrap()["data"].take()).unwrap()
    }

    /// The number of events, by name.
    async fn stated(&self, name: &str) -> usize {
        self.harness.event_names().await.iter().filter(|stated| *stated == name).count()
    }
}

fn charge(status: &str, amount: i64) -> Vec<(String, i64)> {
    vec![(status.to_owned(), amount)]
}

/// The sum of the balances of all accounts.
fn sums(payment: &Value) -> i64 {
    let accounts = ["customer", "held", "cash", "disputed"];
    let transactions = payment["transactions"].as_array().unwrap();
    let balance = |account: &str| {
        let moved = |side: &str| {
            let on_side = transactions.iter().filter(move |transaction| transaction[side] == account);
            on_side.map(|transaction| transaction["amount"]["amount"].as_i64().unwrap()).sum::<i64>()
        };
        moved("to") - moved("from")
    };
    accounts.into_iter().map(balance).sum()
}

fn get(number: u128) -> Request {
    let id = PaymentId::from(Uuid::from_u128(number));
    Request::new("GET", &format!("/v1/payments/{id}")).parameter("paymentId", id)
}

fn list(number: u128) -> Request {
    Request::new("GET", "/v1/payments").query("orderId", order(number))
}

fn items(answer: &Answer) -> &[Value] {
    answer.json["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::Eur)
}

fn order(number: u128) -> OrderId {
    Uuid::from_u128(number).into()
}

fn cancelled(number: u128) -> OrderCancelled {
    OrderCancelled::of(order(number), user(2), CancelReason::Requested)
}

fn dispatched(number: u128) -> ShipmentDispatched {
    ShipmentDispatched { shipment: Uuid::from_u128(number).into(), order: order(number), courier: user(3) }
}
