//! The checkout: its steps, and the summary beside each of them.

use contracts::{Address, Money};
use lambda::{AS_JSON, ApiError, ApiRequest, Problem, Seen, Visitor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    cart::{Cart, ShippingOption, Totals},
    goods::Goods,
    link,
    shell::Shell,
    signed::Signed,
};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Address,
    Shipping,
    Payment,
    Review,
}

/// A step, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StageView {
    pub(crate) name: String,
    pub(crate) path: &'static str,
    pub(crate) is_current: bool,
    /// Whether it is before the current one, so that one can go back to it.
    pub(crate) is_done: bool,
}

/// What is ordered, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    pub(crate) signed: Signed,
    pub(crate) cart: Cart,
}

/// What is ordered, and what it comes to so far.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BasketSummary")]
pub(crate) struct Summary {
    pub(crate) lines: Vec<Goods>,
    /// What promotions take off.
    pub(crate) promotions: Vec<TakenOff>,
    /// `null` until it is chosen.
    pub(crate) delivery: Option<Delivery>,
    /// Without delivery and tax until an address is known.
    pub(crate) totals: Totals,
}

/// What a promotion takes off.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TakenOff {
    pub(crate) name: String,
    pub(crate) amount: Money,
}

/// How it is delivered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShownDelivery")]
pub(crate) struct Delivery {
    pub(crate) name: String,
    pub(crate) price: Money,
}

/// What every step has around its form.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) shell: Shell,
    pub(crate) stages: Vec<StageView>,
    pub(crate) summary: Summary,
}

/// The ways to ship a cart.
#[derive(Debug, Deserialize)]
pub(crate) struct Options {
    pub(crate) items: Vec<ShippingOption>,
}

impl Stage {
    pub(crate) const ALL: [Self; 4] = [Self::Address, Self::Shipping, Self::Payment, Self::Review];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Address => "/checkout/address",
            Self::Shipping => "/checkout/shipping",
            Self::Payment => "/checkout/payment",
            Self::Review => "/checkout/review",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Address => "stage-address",
            Self::Shipping => "stage-shipping",
            Self::Payment => "stage-payment",
            Self::Review => "stage-review",
        }
    }

    fn views(self, shell: &Shell) -> Vec<StageView> {
        let view = |stage: Self| StageView {
            name: shell.t(stage.name()),
            path: stage.path(),
            is_current: stage == self,
            is_done: stage < self,
        };
        Self::ALL.map(view).into()
    }
}

impl Basket {
    /// The first step that must be done before this one.
    pub(crate) fn missing_before(&self, stage: Stage, has_method: bool) -> Option<Stage> {
        let shipping = self.cart.shipping.as_ref();
        let is_done = |earlier: &Stage| match earlier {
            Stage::Address => shipping.is_some(),
            Stage::Shipping => shipping.is_some_and(|shipping| shipping.option.is_some()),
            Stage::Payment => has_method,
            Stage::Review => true,
        };
        Stage::ALL.into_iter().take_while(|earlier| *earlier < stage).find(|earlier| !is_done(earlier))
    }
}

/// Leads to the page of an earlier step. A request for JSON gets a problem instead.
pub(crate) fn first<V>(visitor: &Visitor, to: &str) -> Result<Seen<V>, Problem> {
    if visitor.path.starts_with(AS_JSON) {
        let problem = Problem::new(409, "step-needed", "Another step of the checkout comes first");
        return Err(problem.detail(format_args!("The page {to} comes first.")));
    }
    Ok(Seen::See(to.to_owned()))
}

/// Leads to another page, or to its JSON.
pub(crate) fn led<V>(visitor: &Visitor, to: &str) -> Seen<V> {
    let start = if visitor.path.starts_with("/v1/") { "/v1/pages" } else { "" };
    Seen::See(format!("{start}{to}"))
}

impl Storefront {
    /// The basket that a visitor orders. `None` if there is nothing in it.
    pub(crate) async fn basket(&self, signed: Option<Signed>) -> Result<Option<Basket>, Problem> {
        let Some(signed) = signed else { return Ok(None) };
        let cart = self.cart(&signed).await?.filter(|cart| !cart.lines.is_empty());
        Ok(cart.map(|cart| Basket { signed, cart }))
    }

    /// What a step has around its form.
    pub(crate) async fn frame(&self, visitor: &Visitor, basket: &Basket, stage: Stage) -> Result<Frame, Problem> {
        let Basket { signed, cart } = basket;
        let products: Vec<_> = cart.lines.iter().filter_map(|line| line.product_id).collect();
        let (aisles, items) = self.store.aisles_and_items(&products).await?;
        let shell = Shell::of(visitor, &aisles, None).with_session(Some(signed), &self.sealer);
        let option = cart.shipping.as_ref().and_then(|shipping| shipping.option.as_ref());
        let applied = cart.promotions.iter().filter(|promotion| promotion.applied);
        let taken_off = applied.map(|promotion| {
            let name = promotion.name.clone().or_else(|| promotion.code.clone());
            TakenOff { name: name.unwrap_or_default(), amount: promotion.amount }
        });
        let summary = Summary {
            lines: cart.lines.iter().filter_map(|line| Goods::in_cart(line, &items, &aisles)).collect(),
            promotions: taken_off.collect(),
            delivery: option.map(|option| Delivery { name: option.name.clone(), price: cart.totals.shipping }),
            totals: cart.totals.clone(),
        };
        Ok(Frame { stages: stage.views(&shell), shell, summary })
    }

    /// The ways to ship a cart to an address.
    pub(crate) async fn shipping_options(&self, basket: &Basket, to: &Address) -> Result<Options, ApiError> {
        let country = link::part(&to.country);
        let postcode = to.postcode.as_deref().map(|code| format!("&postcode={}", link::part(code))).unwrap_or_default();
        let path = format!("/v1/carts/{}/shipping-options?country={country}{postcode}", basket.cart.id);
        self.checkout.send(basket.signed.with_token(ApiRequest::get(path))).await
    }

    /// Sets where a cart goes, and how.
    pub(crate) async fn ship(&self, basket: &Basket, to: &Address, option: &str) -> Result<(), ApiError> {
        let path = format!("/v1/carts/{}/shipping", basket.cart.id);
        let request = ApiRequest::new(http::Method::PUT, path).json(&json!({"address": to, "option": option}));
        self.checkout.send::<Value>(basket.signed.with_token(request)).await.map(|_| ())
    }
}
