//! Everything that can be done beside a purchase, one thing after the other: whoever is not answered tries again, and must
//! be answered then as if nothing had happened.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    actors,
    caller::{Caller, Operation},
    world::World,
};

const PASSPHRASE: &str = "a long enough passphrase";

/// Runs every errand.
pub(crate) async fn run(world: Arc<World>) {
    let errands = Errands { merchant: Caller::new(&world, 1, "merchant"), world };
    errands.accounts().await;
    errands.shelf().await;
    errands.stock().await;
    errands.parcel().await;
    errands.carts().await;
    errands.repairs().await;
}

struct Errands {
    world: Arc<World>,
    merchant: Caller,
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

impl Errands {
    /// Calls an operation and answers its body; whatever is not good must not be.
    async fn ask(
        &self,
        who: &Caller,
        function: &str,
        route: &str,
        parameters: Pairs<'_>,
        body: Option<Value>,
    ) -> Value {
        self.query(who, function, route, parameters, &[], body).await
    }

    async fn query(
        &self,
        who: &Caller,
        function: &str,
        route: &str,
        parameters: Pairs<'_>,
        query: Pairs<'_>,
        body: Option<Value>,
    ) -> Value {
        let (method, path) = route.split_once(' ').unwrap_or_default();
        let answer = who.call(&Operation { function, method, path, parameters, query, body }).await;
        match answer {
            Some(answer) if answer.is_good() => answer.body,
            // What was taken away at the first try is not there at the second, and what was changed has another version.
            Some(answer) if answer.tries > 1 && [404, 412].contains(&answer.status) && method != "POST" => answer.body,
            answer => {
                let seen = format!("{function} was answered {answer:?}");
                self.world.observed.breaks("who tries again is answered", seen);
                Value::Null
            }
        }
    }

    /// Lets something run that is invoked by the clock or by hand; whoever sees it fail runs it again.
    async fn invoke(&self, function: &str, payload: &Value) {
        for _ in 0..3 {
            if self.world.invoke(function, "by hand", payload).await.is_ok() {
                return;
            }
        }
        self.world.observed.breaks("who tries again is answered", format!("{function} fails"));
    }

    async fn accounts(&self) {
        let anyone = Caller::anonymous(&self.world);
        self.invoke("rotate-signing-key", &json!({})).await;
        self.ask(&anyone, "get-jwks", "GET /.well-known/jwks.json", &[], None).await;
        self.ask(&anyone, "create-guest", "POST /v1/guests", &[], Some(json!({}))).await;
        let account = json!({"email": "ada@example.com", "password": PASSPHRASE, "name": "Ada Lovelace"});
        self.ask(&anyone, "register-user", "POST /v1/users", &[], Some(account)).await;
        let credentials = json!({"email": "ada@example.com", "password": PASSPHRASE});
        let session = self.ask(&anyone, "sign-in", "POST /v1/sessions", &[], Some(credentials)).await;
        let refresh = json!({"refreshToken": session["refreshToken"]});
        let session = self.ask(&anyone, "refresh-session", "POST /v1/sessions/refresh", &[], Some(refresh)).await;
        let ada = self.authorized(session["accessToken"].as_str().unwrap_or_default()).await;

        let me = self.ask(&ada, "get-profile", "GET /v1/me", &[], None).await;
        self.ask(&ada, "update-profile", "PATCH /v1/me", &[], Some(json!({"name": "Ada King"}))).await;
        let address = json!({"address": {"name": "Ada", "line1": "12 St James Square", "city": "London", "postcode": "SW1Y 4JH", "country": "GB"}, "default": true});
        let added = self.ask(&ada, "add-address", "POST /v1/me/addresses", &[], Some(address.clone())).await;
        let at = [("addressId", added["id"].as_str().unwrap_or_default())];
        self.ask(&ada, "update-address", "PUT /v1/me/addresses/{addressId}", &at, Some(address)).await;
        self.ask(&ada, "list-addresses", "GET /v1/me/addresses", &[], None).await;
        self.ask(&ada, "remove-address", "DELETE /v1/me/addresses/{addressId}", &at, None).await;
        let method = json!({"reference": "pm_card_visa", "brand": "visa", "last4": "4242"});
        let added = self.ask(&ada, "add-payment-method", "POST /v1/me/payment-methods", &[], Some(method)).await;
        let at = [("paymentMethodId", added["id"].as_str().unwrap_or_default())];
        self.ask(&ada, "list-payment-methods", "GET /v1/me/payment-methods", &[], None).await;
        let gone = "DELETE /v1/me/payment-methods/{paymentMethodId}";
        self.ask(&ada, "remove-payment-method", gone, &at, None).await;

        let admin = Caller::new(&self.world, 5, "customer,admin");
        self.invoke("grant-admin", &json!({"email": "ada@example.com"})).await;
        self.ask(&admin, "list-users", "GET /v1/users", &[], None).await;
        let at = [("userId", me["id"].as_str().unwrap_or_default())];
        let roles = json!({"roles": ["customer", "merchant"]});
        self.ask(&admin, "set-roles", "PUT /v1/users/{userId}/roles", &at, Some(roles)).await;
        self.ask(&ada, "sign-out", "DELETE /v1/sessions/current", &[], None).await;
    }

    /// The caller that a token stands for, as the authorizer says.
    async fn authorized(&self, token: &str) -> Caller {
        let bearer = format!("Bearer {token}");
        let request = json!({
            "version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:eu-west-1:000000000000:simulation/$default/GET/v1/me",
            "identitySource": [bearer], "routeKey": "GET /v1/me", "rawPath": "/v1/me", "rawQueryString": "",
            "headers": {"authorization": bearer},
            "requestContext": {"http": {"method": "GET", "path": "/v1/me"}, "requestId": "simulated", "stage": "$default"},
        });
        for _ in 0..3 {
            if let Ok(answer) = self.world.invoke("authorize", "a token", &request).await {
                let said = |name: &str| answer["context"][name].as_str().unwrap_or_default().to_owned();
                return Caller::of_session(&self.world, said("principal"), said("session"));
            }
        }
        Caller::anonymous(&self.world)
    }

    async fn shelf(&self) {
        let merchant = &self.merchant;
        let category =
            self.ask(merchant, "create-category", "POST /v1/categories", &[], Some(json!({"name": "Lamps"}))).await;
        self.ask(merchant, "list-categories", "GET /v1/categories", &[], None).await;
        let variant =
            json!({"sku": "STOOL", "options": {"kind": "oak"}, "prices": [{"currency": "EUR", "amount": 8900}]});
        let product =
            json!({"title": "Stool", "description": "Oak.", "categoryIds": [category["id"]], "variants": [variant]});
        let made = self.ask(merchant, "create-product", "POST /v1/products", &[], Some(product)).await;
        let at = [("productId", made["id"].as_str().unwrap_or_default())];
        let prices = json!({"prices": [{"currency": "EUR", "amount": 7900}]});
        let of_variant = [at[0], ("sku", "STOOL")];
        let set_price = "PUT /v1/products/{productId}/variants/{sku}/prices";
        self.ask(merchant, "set-price", set_price, &of_variant, Some(prices)).await;
        let title = json!({"title": "Folding stool"});
        self.ask(merchant, "update-product", "PATCH /v1/products/{productId}", &at, Some(title)).await;
        self.ask(merchant, "get-product", "GET /v1/products/{productId}", &at, None).await;
        self.ask(merchant, "list-products", "GET /v1/products", &[], None).await;
        self.ask(merchant, "archive-product", "DELETE /v1/products/{productId}", &at, None).await;

        let rows = "title,description,sku,price.EUR,option.colour\nVase,Glass.,VASE-1,1900,green\nVase,Glass.,VASE-2,many,blue\n";
        let import = self.ask(merchant, "import-products", "POST /v1/imports", &[], Some(rows.into())).await;
        let at = [("importId", import["id"].as_str().unwrap_or_default())];
        self.ask(merchant, "get-import", "GET /v1/imports/{importId}", &at, None).await;
        tokio::time::sleep(Duration::from_mins(10)).await;
        self.invoke("resume-imports", &json!({})).await;
        tokio::time::sleep(Duration::from_mins(10)).await;
        let import = self.ask(merchant, "get-import", "GET /v1/imports/{importId}", &at, None).await;
        if import["status"] != "done" {
            self.world.observed.breaks("an import ends", import.to_string());
        }
    }

    async fn stock(&self) {
        let (merchant, lamp) = (&self.merchant, [("sku", "LAMP")]);
        let policy = json!({"reorderPoint": 100, "reorderQuantity": 10});
        self.ask(merchant, "set-reorder-policy", "PUT /v1/stock/{sku}/policy", &lamp, Some(policy)).await;
        let counted = json!({"delta": -1, "reason": "counted"});
        self.ask(merchant, "adjust-stock", "POST /v1/stock/{sku}/adjustments", &lamp, Some(counted)).await;
        tokio::time::sleep(Duration::from_mins(10)).await;
        let listed = self.ask(merchant, "list-replenishments", "GET /v1/replenishments", &[], None).await;
        let at = [("replenishmentId", listed["items"][0]["id"].as_str().unwrap_or_default())];
        let came = json!({"quantity": 10});
        self.ask(
            merchant,
            "receive-replenishment",
            "POST /v1/replenishments/{replenishmentId}/receipt",
            &at,
            Some(came),
        )
        .await;
        self.ask(merchant, "get-stock", "GET /v1/stock/{sku}", &lamp, None).await;
        self.query(merchant, "list-stock", "GET /v1/stock", &[], &[("skus", "LAMP,MOON")], None).await;
    }

    /// A parcel that nobody takes, at any of the three attempts.
    async fn parcel(&self) {
        let (buyer, courier) = (Caller::new(&self.world, 9, "customer"), Caller::new(&self.world, 2, "courier"));
        let Some((_, quote)) = actors::quote_for(&buyer, &[("MOON", 1)]).await else {
            self.world.observed.breaks("who tries again is answered", "there is no quote");
            return;
        };
        let order = json!({"quote": quote, "paymentMethod": "pm_card_visa"});
        self.ask(&buyer, "place-order", "POST /v1/orders", &[], Some(order)).await;
        tokio::time::sleep(Duration::from_hours(1)).await;
        let scheduled = [("status", "scheduled")];
        let listed = self.query(&courier, "list-shipments", "GET /v1/shipments", &[], &scheduled, None).await;
        let at = [("shipmentId", listed["items"][0]["id"].as_str().unwrap_or_default())];
        let shipment = "POST /v1/shipments/{shipmentId}";
        self.ask(&courier, "dispatch-shipment", &format!("{shipment}/dispatch"), &at, Some(json!({}))).await;
        for _ in 0..3 {
            let nobody = json!({"reason": "nobody home"});
            self.ask(&courier, "fail-delivery", &format!("{shipment}/failure"), &at, Some(nobody)).await;
        }
    }

    async fn carts(&self) {
        let (merchant, buyer) = (&self.merchant, Caller::new(&self.world, 9, "customer"));
        let promotion = json!({
            "code": "SPRING", "kind": "percentage", "percent": "10",
            "validFrom": "2026-01-01T00:00:00Z", "validTo": "2027-06-01T00:00:00Z",
        });
        self.ask(merchant, "create-promotion", "POST /v1/promotions", &[], Some(promotion)).await;
        self.ask(merchant, "list-promotions", "GET /v1/promotions", &[], None).await;
        let euros = || Some(json!({"currency": "EUR"}));
        let cart = self.ask(&buyer, "create-cart", "POST /v1/carts", &[], euros()).await;
        let other = self.ask(&buyer, "create-cart", "POST /v1/carts", &[], euros()).await;
        let at = [("cartId", cart["id"].as_str().unwrap_or_default())];
        let (item, promoted) = ([at[0], ("sku", "MOON")], [at[0], ("code", "SPRING")]);
        let one = json!({"quantity": 1});
        self.ask(&buyer, "put-item", "PUT /v1/carts/{cartId}/items/{sku}", &item, Some(one)).await;
        self.query(
            &buyer,
            "list-shipping-options",
            "GET /v1/carts/{cartId}/shipping-options",
            &at,
            &[("country", "GB")],
            None,
        )
        .await;
        let promotion = "/v1/carts/{cartId}/promotions/{code}";
        self.ask(&buyer, "apply-promotion", &format!("PUT {promotion}"), &promoted, Some(json!({}))).await;
        self.ask(&buyer, "remove-promotion", &format!("DELETE {promotion}"), &promoted, None).await;
        self.ask(&buyer, "remove-item", "DELETE /v1/carts/{cartId}/items/{sku}", &item, None).await;
        let from = json!({"from": other["id"]});
        self.ask(&buyer, "merge-cart", "POST /v1/carts/{cartId}/merge", &at, Some(from)).await;
        self.ask(&buyer, "get-cart", "GET /v1/carts/{cartId}", &at, None).await;
        self.ask(&buyer, "get-quote-keys", "GET /v1/quote-keys", &[], None).await;
        let ended = [("code", "SPRING")];
        self.ask(merchant, "end-promotion", "DELETE /v1/promotions/{code}", &ended, None).await;
        self.ask(&buyer, "list-orders", "GET /v1/orders", &[], None).await;
        let order = [("orderId", "ord_019cade211c0759aaad08264d5795d39")];
        self.query(&buyer, "list-payments", "GET /v1/payments", &[], &order, None).await;
        tokio::time::sleep(Duration::from_hours(48)).await;
        self.invoke("abandon-carts", &json!({})).await;
    }

    async fn repairs(&self) {
        let since = json!({"since": crate::world::START.to_string()});
        for service in ["users", "catalog", "inventory", "checkout", "orders", "payments", "delivery"] {
            self.invoke(&format!("{service}-republish"), &since).await;
        }
        // Signing keys last a week.
        tokio::time::sleep(Duration::from_hours(7 * 24)).await;
        for function in ["rotate-signing-key", "rotate-quote-key"] {
            self.invoke(function, &json!({})).await;
        }
    }
}
