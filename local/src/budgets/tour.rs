//! A tour through everything that functions can do: each operation where it succeeds, and each way to a call that it
//! makes only now and then.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use emulators::VirtualClock;
use serde_json::{Value, json};

use super::rest;
use crate::{
    Client, Stack, demo,
    shopper::{self, Shopper, made, stocked, text},
};

/// Webhooks of a purchase: one of the hold, one of the capture.
const WEBHOOKS: usize = 2;

/// What orders is told when a payment is no longer held.
const VOIDED: &str = include_str!("../../../events/orders/on-payment-voided.json");

/// Who goes, and where.
pub(super) struct Tour<'a> {
    pub(super) stack: &'a Stack,
    pub(super) clock: VirtualClock,
    anyone: Client,
    merchant: Client,
    courier: Client,
    support: Client,
    admin: Client,
}

impl<'a> Tour<'a> {
    pub(super) async fn begin(stack: &'a Stack, clock: VirtualClock) -> Result<Self> {
        let anyone = stack.client();
        let person = async |role| demo::sign_in(&anyone, role).await;
        let (merchant, courier) = (person("merchant").await?, person("courier").await?);
        let (support, admin) = (person("support").await?, person("admin").await?);
        Ok(Self { stack, clock, anyone, merchant, courier, support, admin })
    }

    /// Buys and is delivered to, from a guest's token on, until everything has come to rest; the order.
    pub(super) async fn purchase(&self, sku: &str) -> Result<String> {
        let before = self.webhooks();
        let (shopper, quote) = self.quoted(sku).await?;
        let order = text(&made(shopper.order(&quote, "pm_card_visa").await?)?, "id")?;
        rest::settled(self.stack).await?;
        let shipment = order.replacen("ord_", "shp_", 1);
        for step in ["dispatch", "delivery"] {
            done(&self.courier, "POST", &format!("/v1/shipments/{shipment}/{step}"), json!({})).await?;
            rest::settled(self.stack).await?;
        }
        let told = async || Ok(self.webhooks() >= before + WEBHOOKS);
        rest::until("the provider has told of the purchase", told).await?;
        rest::settled(self.stack).await?;
        Ok(order)
    }

    fn webhooks(&self) -> usize {
        let invocations = self.stack.ledger().invocations();
        invocations.iter().filter(|invocation| invocation.function.ends_with("-receive-webhook")).count()
    }

    /// Everything else.
    pub(super) async fn everything(&self, bought: &str) -> Result<()> {
        let product = self.shelves().await.context("catalog")?;
        self.stock().await.context("inventory")?;
        let account = self.people().await.context("users")?;
        self.carts().await.context("checkout")?;
        self.orders(bought).await.context("orders")?;
        self.parcels(bought).await.context("delivery")?;
        self.payments(bought).await.context("payments")?;
        self.later().await.context("later")?;
        self.again(bought, &account, &product).await.context("republish")
    }

    async fn people(&self) -> Result<String> {
        let guest = Shopper::guest(&self.anyone).await?;
        let account = json!({"email": "ada@example.com", "password": "a long enough passphrase", "name": "Ada"});
        let mut registration = account.clone();
        registration["guestToken"] = guest.client.token().into();
        done(&self.anyone, "POST", "/v1/users", registration).await?;
        let mut session = json!({"email": account["email"], "password": "not the passphrase"});
        // So many that a right password is worth the write that forgets them.
        for _ in 0..12 {
            refused(&self.anyone, "POST", "/v1/sessions", session.clone()).await?;
        }
        session["password"] = account["password"].clone();
        let session = done(&self.anyone, "POST", "/v1/sessions", session).await?;
        let me = self.anyone.with_token(&text(&session, "accessToken")?);
        let refresh = json!({"refreshToken": session["refreshToken"]});
        done(&self.anyone, "POST", "/v1/sessions/refresh", refresh.clone()).await?;
        self.clock.advance(Duration::from_secs(11));
        refused(&self.anyone, "POST", "/v1/sessions/refresh", refresh).await?;
        done(&self.anyone, "GET", "/.well-known/jwks.json", Value::Null).await?;
        let profile = done(&me, "GET", "/v1/me", Value::Null).await?;
        done(&me, "PATCH", "/v1/me", json!({"name": "Ada King"})).await?;
        let address = json!({"address": shopper::address(), "default": true});
        let method = json!({"reference": "pm_card_visa", "brand": "visa", "last4": "4242"});
        for (list, entry) in [("/v1/me/addresses", &address), ("/v1/me/payment-methods", &method)] {
            refused(&me, "POST", list, json!({})).await?;
            let id = text(&done(&me, "POST", list, entry.clone()).await?, "id")?;
            done(&me, "GET", list, Value::Null).await?;
            if list.ends_with("addresses") {
                done(&me, "PUT", &format!("{list}/{id}"), entry.clone()).await?;
            }
            done(&me, "DELETE", &format!("{list}/{id}"), Value::Null).await?;
        }
        done(&self.admin, "GET", "/v1/users?limit=20", Value::Null).await?;
        let id = text(&profile, "id")?;
        done(&self.admin, "PUT", &format!("/v1/users/{id}/roles"), json!({"roles": ["customer", "merchant"]})).await?;
        done(&me, "DELETE", "/v1/sessions/current", Value::Null).await?;
        Ok(id)
    }

    async fn shelves(&self) -> Result<String> {
        let merchant = &self.merchant;
        let root = done(merchant, "POST", "/v1/categories", json!({"name": "Tools"})).await?;
        let category = json!({"name": "Saws", "parentId": root["id"]});
        let category = text(&done(merchant, "POST", "/v1/categories", category).await?, "id")?;
        done(&self.anyone, "GET", "/v1/categories", Value::Null).await?;
        let variant =
            |sku: &str| json!({"sku": sku, "options": {"size": sku}, "prices": [{"currency": "EUR", "amount": 4999}]});
        let variants = json!([variant("SAW-S"), variant("SAW-L")]);
        let product = json!({"title": "Saw", "description": "Cuts.", "categoryIds": [category], "variants": variants});
        refused(merchant, "POST", "/v1/products", json!({"title": ""})).await?;
        let product = text(&done(merchant, "POST", "/v1/products", product).await?, "id")?;
        let path = format!("/v1/products/{product}");
        done(&self.anyone, "GET", &path, Value::Null).await?;
        for list in ["/v1/products?limit=20".to_owned(), format!("/v1/products?limit=20&category={category}")] {
            done(&self.anyone, "GET", &list, Value::Null).await?;
        }
        let price = json!({"prices": [{"currency": "EUR", "amount": 5499}]});
        done(merchant, "PUT", &format!("{path}/variants/SAW-S/prices"), price).await?;
        let elsewhere = json!({"title": "Hand saw", "categoryIds": [root["id"]]});
        done(merchant, "PATCH", &path, elsewhere).await?;
        done(merchant, "DELETE", &path, Value::Null).await?;

        let row = |sku: &str| json!({"title": "Row", "description": "", "categoryIds": [root["id"]], "variants": [variant(sku)]});
        let draft = json!({"title": "Draft", "status": "draft", "variants": []});
        // The second row's SKU is the archived product's: it stays taken.
        let rows = [row("ROW-1"), row("SAW-S"), draft].map(|row| row.to_string()).join("\n");
        let import = async |kind: &str| {
            let headers = [("content-type", kind), ("idempotency-key", kind)];
            merchant.send("POST", "/v1/imports", &headers, rows.clone().into_bytes()).await
        };
        ensure!(import("text/plain").await?.status == 415, "only tables are imported");
        let import = text(&made(import("application/x-ndjson").await?)?, "id")?;
        rest::settled(self.stack).await?;
        let progress = done(merchant, "GET", &format!("/v1/imports/{import}"), Value::Null).await?;
        ensure!(progress["status"] == "done", "{progress}");
        // As if the message of its only chunk had been lost.
        rest::forget(self.stack, "catalog", &format!("import#{import}"), "result#").await?;
        Ok(product)
    }

    async fn stock(&self) -> Result<()> {
        let (merchant, sku) = (&self.merchant, self.stocked().await?);
        done(merchant, "GET", &format!("/v1/stock/{sku}"), Value::Null).await?;
        done(merchant, "GET", &format!("/v1/stock?skus={sku},SAW-S"), Value::Null).await?;
        let policy = json!({"reorderPoint": 20, "reorderQuantity": 50});
        done(merchant, "PUT", &format!("/v1/stock/{sku}/policy"), policy).await?;
        rest::settled(self.stack).await?;
        let asked = done(merchant, "GET", "/v1/replenishments", Value::Null).await?;
        let path = format!("/v1/replenishments/{}/receipt", text(&asked["items"][0], "id")?);
        done(merchant, "POST", &path, json!({"quantity": 50})).await.map(drop)
    }

    async fn carts(&self) -> Result<()> {
        let shopper = Shopper::guest(&self.anyone).await?;
        refused(&shopper.client, "POST", "/v1/carts", json!({})).await?;
        let (sku, cart, other) = (self.stocked().await?, shopper.cart().await?, shopper.cart().await?);
        let code = json!({"code": "TOUR", "kind": "percentage", "percent": "10"});
        done(&self.merchant, "POST", "/v1/promotions", code).await?;
        done(&self.merchant, "GET", "/v1/promotions", Value::Null).await?;
        for cart in [&cart, &other] {
            made(shopper.put(cart, &sku, 1).await?)?;
        }
        shopper.ship(&cart).await?;
        done(&shopper.client, "PUT", &format!("{cart}/promotions/TOUR"), json!({})).await?;
        done(&shopper.client, "GET", &cart, Value::Null).await?;
        shopper.quote(&cart).await?;
        done(&shopper.client, "DELETE", &format!("{cart}/promotions/TOUR"), Value::Null).await?;
        let merge = format!("{cart}/merge");
        refused(&shopper.client, "POST", &merge, json!({})).await?;
        let from = json!({"from": other.rsplit('/').next()});
        done(&shopper.client, "POST", &merge, from).await?;
        done(&shopper.client, "DELETE", &format!("{cart}/items/{sku}"), Value::Null).await?;
        done(&self.merchant, "DELETE", "/v1/promotions/TOUR", Value::Null).await?;
        done(&self.anyone, "GET", "/v1/quote-keys", Value::Null).await?;
        // It stays, and is left alone.
        made(shopper.put(&cart, &sku, 1).await?).map(drop)
    }

    async fn orders(&self, bought: &str) -> Result<()> {
        let (shopper, order) = self.confirmed("pm_card_visa").await?;
        let (path, client) = (format!("/v1/orders/{order}"), &shopper.client);
        let now = emulators::Clock::now(&self.clock);
        for path in [path.clone(), format!("{path}?asOf={now}"), format!("{path}/history"), "/v1/orders".to_owned()] {
            done(client, "GET", &path, Value::Null).await?;
        }
        done(client, "POST", &format!("{path}/cancellation"), json!({"reason": "Not needed."})).await?;
        self.stands(&order, "cancelled").await?;
        let (_, declined) = self.ordered("pm_card_chargeDeclined", 0).await?;
        self.stands(&declined, "cancelled").await?;
        let (_, rejected) = self.ordered("pm_card_visa", 10).await?;
        self.stands(&rejected, "cancelled").await?;
        // The provider's hold ends by itself: payments says so, here in its sample.
        let (_, voided) = self.confirmed("pm_card_visa").await?;
        self.stack.invoke("on-payment-voided", &of_order(VOIDED, &voided)?).await?;
        self.stands(&voided, "cancelled").await?;
        self.stands(bought, "delivered").await
    }

    async fn parcels(&self, bought: &str) -> Result<()> {
        let (_, order) = self.confirmed("pm_card_visa").await?;
        let shipment = format!("/v1/shipments/{}", order.replacen("ord_", "shp_", 1));
        let assigned = done(&self.courier, "POST", &format!("{shipment}/assignment"), json!({})).await?;
        done(&self.courier, "GET", &shipment, Value::Null).await?;
        let courier = text(&assigned, "courier")?;
        for which in [format!("orderId={bought}"), format!("courier={courier}"), "status=delivered".to_owned()] {
            done(&self.courier, "GET", &format!("/v1/shipments?{which}"), Value::Null).await?;
        }
        done(&self.courier, "POST", &format!("{shipment}/dispatch"), json!({})).await?;
        rest::settled(self.stack).await?;
        let fail = async || {
            done(&self.courier, "POST", &format!("{shipment}/failure"), json!({"reason": "nobody home"})).await
        };
        while fail().await?["status"] != "returning" {}
        self.stands(&order, "cancelled").await
    }

    async fn payments(&self, bought: &str) -> Result<()> {
        let payment = format!("/v1/payments/{}", bought.replacen("ord_", "pay_", 1));
        done(&self.support, "GET", &payment, Value::Null).await?;
        done(&self.support, "GET", &format!("/v1/payments?orderId={bought}"), Value::Null).await?;
        let refund = json!({"amount": {"amount": 100, "currency": "EUR"}, "reason": "scratched"});
        done(&self.support, "POST", &format!("{payment}/refunds"), refund).await?;
        // A dispute is something that only a webhook tells.
        let (_, order) = self.confirmed("pm_sandbox_dispute").await?;
        let shipment = order.replacen("ord_", "shp_", 1);
        done(&self.courier, "POST", &format!("/v1/shipments/{shipment}/dispatch"), json!({})).await?;
        let payment = format!("/v1/payments/{}", order.replacen("ord_", "pay_", 1));
        let disputed = async || {
            let payment = done(&self.support, "GET", &payment, Value::Null).await?;
            let moves = payment["transactions"].as_array().into_iter().flatten();
            Ok(moves.filter(|transaction| transaction["type"] == "chargeback").count() > 0)
        };
        rest::until("the payment is disputed", disputed).await
    }

    /// What only time brings: what was forgotten, left alone, or waits for too long.
    async fn later(&self) -> Result<()> {
        self.confirmed("pm_card_visa").await?;
        self.ordered("pm_sandbox_unreachable", 0).await?;
        self.clock.advance(Duration::from_hours(1));
        for function in ["resolve-unknown", "resume-imports"] {
            self.stack.invoke(function, &json!({})).await?;
            rest::settled(self.stack).await?;
        }
        self.clock.advance(Duration::from_hours(11 * 24));
        for function in
            ["abandon-carts", "expire-reservations", "sweep-deadlines", "rotate-quote-key", "rotate-signing-key"]
        {
            self.stack.invoke(function, &json!({})).await?;
            rest::settled(self.stack).await?;
        }
        Ok(())
    }

    async fn again(&self, order: &str, user: &str, product: &str) -> Result<()> {
        let with = |prefix: &str| order.replacen("ord_", prefix, 1);
        let aggregates = [
            ("users", format!("user#{user}")),
            ("catalog", format!("product#{product}")),
            ("inventory", format!("reservation#{order}")),
            ("checkout", "keyring#signing".to_owned()),
            ("orders", format!("order#{order}")),
            ("payments", format!("payment#{}", with("pay_"))),
            ("delivery", format!("shipment#{}", with("shp_"))),
        ];
        for (service, aggregate) in aggregates {
            let republish = format!("{service}-republish");
            let published = self.stack.invoke(&republish, &json!({"aggregate": aggregate})).await?;
            ensure!(published["published"] != 0, "{service}: {aggregate} has no events");
            self.stack.invoke(&republish, &json!({"since": "9999-01-01T00:00:00Z"})).await?;
        }
        rest::settled(self.stack).await
    }

    /// A product on sale, with stock that checkout knows of; its SKU.
    pub(super) async fn stocked(&self) -> Result<String> {
        let sku = stocked(&self.merchant, 4999, 10).await?;
        rest::settled(self.stack).await?;
        Ok(sku)
    }

    async fn quoted(&self, sku: &str) -> Result<(Shopper, Value)> {
        let shopper = Shopper::guest(&self.anyone).await?;
        let cart = shopper.cart().await?;
        made(shopper.put(&cart, sku, 1).await?)?;
        shopper.ship(&cart).await?;
        let quote = shopper.quote(&cart).await?;
        Ok((shopper, quote))
    }

    /// An order, when everything that it leads to is done. Meanwhile so much of the stock is lost.
    async fn ordered(&self, method: &str, lost: i64) -> Result<(Shopper, String)> {
        let sku = self.stocked().await?;
        let (shopper, quote) = self.quoted(&sku).await?;
        if lost > 0 {
            let lost = json!({"delta": -lost, "reason": "lost"});
            done(&self.merchant, "POST", &format!("/v1/stock/{sku}/adjustments"), lost).await?;
        }
        let order = text(&made(shopper.order(&quote, method).await?)?, "id")?;
        rest::settled(self.stack).await?;
        Ok((shopper, order))
    }

    async fn confirmed(&self, method: &str) -> Result<(Shopper, String)> {
        let (shopper, order) = self.ordered(method, 0).await?;
        self.stands(&order, "confirmed").await?;
        Ok((shopper, order))
    }

    async fn stands(&self, order: &str, status: &str) -> Result<()> {
        rest::settled(self.stack).await?;
        let order = done(&self.support, "GET", &format!("/v1/orders/{order}"), Value::Null).await?;
        ensure!(order["status"] == status, "the order is not {status}: {order}");
        Ok(())
    }
}

/// Makes a call that succeeds, whatever the version is; its body.
async fn done(client: &Client, method: &str, path: &str, body: Value) -> Result<Value> {
    made(send(client, method, path, &body).await?).with_context(|| format!("{method} {path}"))
}

/// Makes a call that is refused.
async fn refused(client: &Client, method: &str, path: &str, body: Value) -> Result<()> {
    match send(client, method, path, &body).await?.status {
        400..500 => Ok(()),
        status => bail!("{method} {path}: {status}, and it should be refused"),
    }
}

async fn send(client: &Client, method: &str, path: &str, body: &Value) -> Result<crate::Answer> {
    let key = uuid::Uuid::new_v4().to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str()), ("if-match", "*")];
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    client.send(method, path, &headers, body).await
}

/// The sample of an event, of this order.
fn of_order(sample: &str, order: &str) -> Result<Value> {
    let at = sample.find("ord_").context("a sample without an order")?;
    Ok(serde_json::from_str(&sample.replace(&sample[at..at + order.len()], order))?)
}
