//! Shoppers and merchants as callers of the API, for the load and the tests.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{Answer, Client};

/// The shipping address of tests.
pub fn address() -> Value {
    json!({
        "name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postcode": "SW1Y 4JH", "country": "GB",
    })
}

/// The body of an answer that is not a problem.
///
/// # Errors
/// The status and type of the problem.
#[expect(clippy::needless_pass_by_value, reason = "an answer is used up by being made of")]
pub fn made(answer: Answer) -> Result<Value> {
    match answer.status {
        200..300 => Ok(answer.json()),
        status => bail!("{status} {}", answer.json()["type"].as_str().unwrap_or("without a problem")),
    }
}

/// A text field of a body.
///
/// # Errors
/// If the body does not have the field.
pub fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).with_context(|| format!("an answer without {name}"))
}

/// Publishes a product with one variant with a fresh SKU, receives stock of it, and returns the SKU.
pub async fn stocked(merchant: &Client, cents: i64, stock: usize) -> Result<String> {
    let sku = format!("LAMP-{}", uuid::Uuid::new_v4().simple());
    let variant = json!({"sku": sku, "options": {"colour": "red"}, "prices": [{"currency": "EUR", "amount": cents}]});
    let product = json!({"title": "Desk lamp", "description": "Folds flat.", "categoryIds": [], "variants": [variant]});
    made(merchant.post("/v1/products", &product).await?)?;
    let received = json!({"delta": stock, "reason": "received"});
    made(merchant.post(&format!("/v1/stock/{sku}/adjustments"), &received).await?)?;
    Ok(sku)
}

/// A shopper.
#[derive(Debug, Clone)]
pub struct Shopper {
    /// The client for their calls.
    pub client: Client,
}

impl Shopper {
    /// A new guest.
    pub async fn guest(anyone: &Client) -> Result<Self> {
        let guest = made(anyone.post("/v1/guests", &json!({})).await?)?;
        Ok(Self { client: anyone.with_token(&text(&guest, "accessToken")?) })
    }

    /// Creates a cart, and returns its path.
    pub async fn cart(&self) -> Result<String> {
        let cart = made(self.client.post("/v1/carts", &json!({"currency": "EUR"})).await?)?;
        Ok(format!("/v1/carts/{}", text(&cart, "id")?))
    }

    /// Adds an item to the cart.
    pub async fn put(&self, cart: &str, sku: &str, quantity: u32) -> Result<Answer> {
        self.client.put(&format!("{cart}/items/{sku}"), &json!({"quantity": quantity})).await
    }

    /// Adds an item to the cart. Returns whether checkout knows that it is on sale and in stock.
    pub async fn put_in_stock(&self, cart: &str, sku: &str, quantity: u32) -> Result<bool> {
        let answer = self.put(cart, sku, quantity).await?;
        Ok(answer.status == 200 && answer.json()["problems"].as_array().is_some_and(Vec::is_empty))
    }

    /// Sets the shipping of the cart, with the first available option.
    pub async fn ship(&self, cart: &str) -> Result<()> {
        let options = made(self.client.get(&format!("{cart}/shipping-options?country=GB")).await?)?;
        let option = text(&options["items"][0], "id")?;
        let shipping = json!({"address": address(), "option": option});
        made(self.client.put(&format!("{cart}/shipping"), &shipping).await?).map(drop)
    }

    /// Requests a quote of the cart.
    pub async fn quote(&self, cart: &str) -> Result<Value> {
        made(self.client.post(&format!("{cart}/quote"), &json!({})).await?)
    }

    /// Places an order with the quote.
    pub async fn order(&self, quote: &Value, method: &str) -> Result<Answer> {
        self.client.post("/v1/orders", &json!({"quote": quote["quote"], "paymentMethod": method})).await
    }
}
