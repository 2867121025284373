//! A quote: what is offered to a visitor for a quarter of an hour, and what is different in a newer one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{Address, Adjustment, CartId, Money};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest};
use serde::Deserialize;

use crate::{
    Storefront,
    cart::{Cart, Totals},
    checkout::Basket,
    goods::Sold,
    shell::Shell,
};

/// A quote, as checkout answers it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offer {
    /// The signed quote.
    pub(crate) quote: String,
    pub(crate) lines: Vec<Sold>,
    pub(crate) totals: Totals,
    pub(crate) trace: Vec<Adjustment>,
    pub(crate) expires_at: Timestamp,
}

/// What a signed quote says. Nobody checked its signature here: it is for display, and orders checks it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claimed {
    pub(crate) cart: CartId,
    pub(crate) lines: Vec<Sold>,
    pub(crate) totals: Totals,
    pub(crate) shipping_option: String,
    pub(crate) ship_to: Address,
    exp: i64,
}

impl Claimed {
    /// What a signed quote says. `None` if it is none.
    pub(crate) fn read(quote: &str) -> Option<Self> {
        let claims = URL_SAFE_NO_PAD.decode(quote.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&claims).ok()
    }

    /// Whether the cart has become another one since.
    pub(crate) fn is_outdated(&self, cart: &Cart) -> bool {
        let quoted = self.lines.iter().map(|line| (line.sku.as_str(), line.quantity));
        let mut quoted: Vec<_> = quoted.collect();
        let mut now: Vec<_> = cart.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
        quoted.sort_unstable();
        now.sort_unstable();
        let shipping = cart.shipping.as_ref();
        let is_same_way = shipping.is_some_and(|shipping| {
            shipping.address == self.ship_to
                && shipping.option.as_ref().is_some_and(|option| option.id == self.shipping_option)
        });
        self.cart == cart.id && (quoted != now || !is_same_way)
    }

    /// The same quote, without the steps of its calculation.
    pub(crate) fn offer(self, quote: &str) -> Offer {
        Offer {
            quote: quote.to_owned(),
            lines: self.lines,
            totals: self.totals,
            trace: Vec::new(),
            expires_at: Timestamp::from_second(self.exp).unwrap_or_default(),
        }
    }

    /// What is different in a newer quote, in sentences.
    pub(crate) fn differences(&self, new: &Offer, shell: &Shell) -> Vec<String> {
        let instead = |name: &str, now: &dyn std::fmt::Display, old: &dyn std::fmt::Display| {
            shell.texts.filled("quote-instead", &[("name", &name), ("now", now), ("old", old)])
        };
        let price = |name: &str, now: Money, old: Money| instead(name, &shell.money(now), &shell.money(old));
        let mut told = Vec::new();
        for line in &new.lines {
            match self.lines.iter().find(|old| old.sku == line.sku) {
                None => told.push(shell.w("quote-added", "title", &line.title)),
                Some(old) => {
                    if old.unit_price != line.unit_price {
                        told.push(price(&line.title, line.unit_price, old.unit_price));
                    }
                    if old.quantity != line.quantity {
                        let name = shell.w("quote-quantity", "title", &line.title);
                        told.push(instead(&name, &line.quantity, &old.quantity));
                    }
                }
            }
        }
        let is_gone = |old: &&Sold| !new.lines.iter().any(|line| line.sku == old.sku);
        told.extend(self.lines.iter().filter(is_gone).map(|old| shell.w("quote-removed", "title", &old.title)));
        if self.totals.shipping != new.totals.shipping {
            told.push(price(&shell.t("sum-delivery"), new.totals.shipping, self.totals.shipping));
        }
        if self.totals.total != new.totals.total {
            told.push(price(&shell.t("sum-total"), new.totals.total, self.totals.total));
        }
        told
    }
}

impl Storefront {
    /// A quote for a cart.
    pub(crate) async fn offer(&self, basket: &Basket) -> Result<Offer, ApiError> {
        let path = format!("/v1/carts/{}/quote", basket.cart.id);
        self.checkout.send(basket.signed.with_token(ApiRequest::new(http::Method::POST, path))).await
    }
}
