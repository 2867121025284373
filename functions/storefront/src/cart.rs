//! A cart, as checkout answers it.

use contracts::{Address, CartId, Currency, Money, ProductId, Sku};
use lambda::{ApiError, ApiRequest, Problem, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Storefront, signed::Signed};

/// A cart with its current prices, as far as pages show it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cart {
    pub(crate) id: CartId,
    status: String,
    pub(crate) currency: Currency,
    pub(crate) lines: Vec<CartLine>,
    pub(crate) promotions: Vec<CartPromotion>,
    pub(crate) shipping: Option<CartShipping>,
    pub(crate) totals: Totals,
    pub(crate) problems: Vec<Warning>,
    /// Proof that a guest owns it.
    pub(crate) claim: Option<String>,
}

/// A line of a cart. It has no prices if it cannot be bought.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartLine {
    pub(crate) sku: Sku,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) title: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Option<Money>,
    pub(crate) discount: Option<Money>,
    pub(crate) total: Option<Money>,
    pub(crate) problems: Vec<Warning>,
}

/// A promotion of a cart, and why it does nothing, if it does nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartPromotion {
    pub(crate) code: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) applied: bool,
    pub(crate) amount: Money,
    pub(crate) detail: Option<String>,
}

/// Where a cart goes, and how.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CartShipping {
    pub(crate) option: Option<ShippingOption>,
    pub(crate) address: Address,
}

/// A way to ship a cart.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingOption {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) days: u32,
    pub(crate) free_from: Option<Money>,
}

/// The sums of a cart or an order.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownTotals")]
pub(crate) struct Totals {
    /// The goods, before discounts.
    pub(crate) items: Money,
    /// Not negative.
    pub(crate) discount: Money,
    pub(crate) shipping: Money,
    pub(crate) tax: Money,
    /// Whether the other amounts contain the tax. A signed quote leaves out what is false.
    #[serde(default)]
    pub(crate) tax_included: bool,
    pub(crate) total: Money,
}

/// What a customer is told about a cart or a line.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "ShownWarning")]
pub(crate) struct Warning {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Cart {
    /// Whether it can be changed.
    pub(crate) fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// The units in it.
    pub(crate) fn units(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// The units of a SKU in it.
    pub(crate) fn units_of(&self, sku: &str) -> u32 {
        self.lines.iter().filter(|line| line.sku.as_str() == sku).map(|line| line.quantity).sum()
    }
}

impl Storefront {
    /// The open cart of a session. `None` if there is none, or if it was ordered elsewhere.
    pub(crate) async fn cart(&self, signed: &Signed) -> Result<Option<Cart>, ApiError> {
        let Some(id) = signed.session.basket else { return Ok(None) };
        let request = signed.with_token(ApiRequest::get(format!("/v1/carts/{id}")));
        match self.checkout.send::<Cart>(request).await {
            Ok(cart) => Ok(Some(cart).filter(Cart::is_open)),
            Err(error) if error.has_status(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A new cart, which the session keeps. Of several requests at once, all get the same cart.
    pub(crate) async fn new_cart<I>(
        &self,
        signed: &Signed,
        currency: Currency,
        visit: &Visit<I>,
    ) -> Result<Cart, Problem> {
        let session = &signed.session;
        let key = format!("basket-{}-{}", session.id, session.version.number());
        let cart = self.cart_for(signed, currency, &key).await?;
        self.store.keep_basket(session.clone().with_basket(cart.id), &visit.context).await?;
        Ok(cart)
    }

    /// A new cart. The same key gets the same cart.
    pub(crate) async fn cart_for(&self, signed: &Signed, currency: Currency, key: &str) -> Result<Cart, ApiError> {
        let request = ApiRequest::post("/v1/carts", key).json(&json!({"currency": currency}));
        self.checkout.send(signed.with_token(request)).await
    }

    /// Sets the number of units of a SKU in a cart. No units remove it.
    pub(crate) async fn set_units(&self, signed: &Signed, cart: CartId, sku: &str, units: u32) -> Result<(), ApiError> {
        let path = format!("/v1/carts/{cart}/items/{}", crate::link::part(sku));
        let request = if units == 0 {
            ApiRequest::new(http::Method::DELETE, path)
        } else {
            ApiRequest::new(http::Method::PUT, path).json(&json!({"quantity": units}))
        };
        match self.checkout.send::<Value>(signed.with_token(request)).await {
            // It is gone already.
            Err(error) if units == 0 && error.has_status(404) => Ok(()),
            answer => answer.map(|_| ()),
        }
    }
}
