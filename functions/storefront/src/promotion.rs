//! A promotion, as checkout answers it to a merchant.

use contracts::{Money, PromotionId};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Storefront, order::Listed, shell::Shell, signed::Signed, when};

/// A promotion.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promotion {
    id: PromotionId,
    name: String,
    #[serde(default)]
    code: Option<String>,
    status: PromotionState,
    kind: Kind,
    level: Level,
    #[serde(default)]
    percent: Option<Value>,
    #[serde(default)]
    amounts: Vec<Money>,
    #[serde(default)]
    minimums: Vec<Money>,
    #[serde(default)]
    buy: Option<Units>,
    #[serde(default)]
    get: Option<Units>,
    #[serde(default)]
    valid_to: Option<Timestamp>,
    usage: Usage,
}

/// Whether a promotion can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShownPromotionState")]
pub(crate) enum PromotionState {
    /// Its time has not begun.
    Scheduled,
    Active,
    Paused,
    /// Its total limit is reached.
    Exhausted,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Percentage,
    Fixed,
    FixedPrice,
    BuyXGetY,
    FreeShipping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Item,
    Order,
    Shipping,
}

#[derive(Debug, Clone, Deserialize)]
struct Units {
    quantity: u32,
}

#[derive(Debug, Clone, Deserialize)]
struct Usage {
    redeemed: u64,
}

/// A promotion in a table.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskPromotion")]
pub(crate) struct PromotionRow {
    pub(crate) id: PromotionId,
    pub(crate) name: String,
    /// `null` if it applies by itself.
    pub(crate) code: Option<String>,
    pub(crate) status: PromotionState,
    /// What it takes off, as it is shown.
    pub(crate) discount: String,
    /// For whom and until when, as it is shown.
    pub(crate) terms: Vec<String>,
    /// The number of orders that use it.
    pub(crate) used: u64,
    #[serde(skip)]
    pub(crate) tag: String,
    #[serde(skip)]
    pub(crate) tone: &'static str,
}

impl PromotionRow {
    pub(crate) fn of(promotion: Promotion, shell: &Shell) -> Self {
        let (tag, tone) = match promotion.status {
            PromotionState::Scheduled => ("promotion-scheduled", ""),
            PromotionState::Active => ("promotion-active", "good"),
            PromotionState::Paused => ("promotion-paused", "warn"),
            PromotionState::Exhausted => ("promotion-exhausted", "warn"),
            PromotionState::Ended => ("promotion-ended", ""),
        };
        let automatic = promotion.code.is_none().then(|| shell.t("promotion-automatic"));
        let minimum = Some(amounts(&promotion.minimums, shell)).filter(|minimum| !minimum.is_empty());
        let minimum = minimum.map(|minimum| shell.w("promotion-from", "amount", minimum));
        let until = promotion.valid_to.map(|to| shell.w("promotion-until", "date", when::short_date(to)));
        Self {
            discount: promotion.discount(shell),
            terms: [automatic, minimum, until].into_iter().flatten().collect(),
            id: promotion.id,
            name: promotion.name,
            code: promotion.code,
            status: promotion.status,
            used: promotion.usage.redeemed,
            tag: shell.t(tag),
            tone,
        }
    }

    pub(crate) fn can_end(&self) -> bool {
        self.status != PromotionState::Ended
    }
}

impl Promotion {
    fn discount(&self, shell: &Shell) -> String {
        let off = |amount: String| {
            let key = match self.level {
                Level::Item => "promotion-off-item",
                Level::Order => "promotion-off-order",
                Level::Shipping => "promotion-off-shipping",
            };
            shell.w(key, "amount", amount)
        };
        let units = |units: Option<&Units>| units.map_or(0, |units| units.quantity);
        match self.kind {
            Kind::Percentage => off(format!("{}%", self.percent.as_ref().map(plain).unwrap_or_default())),
            Kind::Fixed => off(amounts(&self.amounts, shell)),
            Kind::FixedPrice => shell.w("promotion-each", "amount", amounts(&self.amounts, shell)),
            Kind::BuyXGetY => shell
                .texts
                .filled("promotion-buy", &[("buy", &units(self.buy.as_ref())), ("get", &units(self.get.as_ref()))]),
            Kind::FreeShipping => shell.t("promotion-free-shipping"),
        }
    }
}

/// A number that came as a text or as a number.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn amounts(amounts: &[Money], shell: &Shell) -> String {
    amounts.iter().map(|amount| shell.money(*amount)).collect::<Vec<_>>().join(" / ")
}

impl Storefront {
    /// A page of the promotions, the newest first.
    pub(crate) async fn promotions(&self, signed: &Signed, query: &str) -> Result<Listed<Promotion>, ApiError> {
        self.checkout.send(signed.with_token(ApiRequest::get(format!("/v1/promotions?{query}")))).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests pass what they just made")]
    fn row(change: Value) -> PromotionRow {
        let mut promotion = json!({
            "id": "prm_00000000000000000000000000000001", "name": "P", "status": "active", "kind": "percentage",
            "level": "order", "amounts": [], "minimums": [], "usage": {"redeemed": 3, "held": 1},
        });
        promotion.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        PromotionRow::of(serde_json::from_value(promotion).unwrap(), &Shell::default())
    }

    #[test]
    fn what_a_promotion_takes_off_is_said_for_each_kind() {
        let five = json!([{"amount": 500, "currency": "EUR"}, {"amount": 400, "currency": "GBP"}]);
        let discount = |change: Value| row(change).discount;
        assert_eq!(discount(json!({"percent": "12.5"})), "12.5% off the order");
        assert_eq!(discount(json!({"percent": 10, "level": "item"})), "10% off the items");
        assert_eq!(
            discount(json!({"kind": "fixed", "level": "shipping", "amounts": five})),
            "€5.00 / £4.00 off shipping"
        );
        assert_eq!(discount(json!({"kind": "fixedPrice", "level": "item", "amounts": five})), "€5.00 / £4.00 each");
        assert_eq!(discount(json!({"kind": "freeShipping", "level": "shipping"})), "Free shipping");
        let three = json!({"kind": "buyXGetY", "level": "item", "buy": {"quantity": 2}, "get": {"quantity": 1}});
        assert_eq!(discount(three), "Buy 2, get 1 for less");
    }

    #[test]
    fn the_terms_of_a_promotion_are_said() {
        let minimum = json!([{"amount": 3000, "currency": "EUR"}]);
        let all = row(json!({"minimums": minimum, "validTo": "2026-11-15T10:00:00Z", "status": "ended"}));
        assert_eq!(all.terms, ["Automatic", "From €30.00", "Until 15 November 2026"]);
        assert!(!all.can_end());
        let coded = row(json!({"code": "WELCOME"}));
        assert!(coded.terms.is_empty() && coded.can_end());
    }
}
