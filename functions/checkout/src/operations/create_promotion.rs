//! Make a promotion: a code that takes a share or an amount off.

use contracts::{Money, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    promotion::{Benefit, Promotion, PromotionCode, Terms},
    rates::{Percent, in_bounds},
};

/// A new promotion.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePromotion {
    #[garde(skip)]
    code: PromotionCode,
    #[garde(skip)]
    kind: Kind,
    /// How many per cent a percentage takes off.
    #[garde(skip)]
    percent: Option<Percent>,
    /// How much a fixed promotion takes off; it is for carts in its currency.
    #[garde(inner(custom(in_bounds)))]
    amount: Option<Money>,
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    /// Exclusively.
    #[garde(skip)]
    valid_to: Option<Timestamp>,
    /// What the items must be worth; it is for carts in its currency then.
    #[garde(inner(custom(in_bounds)))]
    minimum: Option<Money>,
}

/// What a promotion takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// A share of the items.
    Percentage,
    /// An amount, or all of the items where they are worth less.
    Fixed,
}

/// A promotion.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromotionView {
    code: PromotionCode,
    kind: Kind,
    percent: Option<Percent>,
    amount: Option<Money>,
    valid_from: Option<Timestamp>,
    valid_to: Option<Timestamp>,
    minimum: Option<Money>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl PromotionView {
    pub(crate) fn of(promotion: Promotion) -> Self {
        let Promotion { code, benefit, terms, created_at, ended_at, .. } = promotion;
        let Terms { valid_from, valid_to, minimum } = terms;
        let (kind, percent, amount) = match benefit {
            Benefit::Percentage(percent) => (Kind::Percentage, Some(percent), None),
            Benefit::Fixed(amount) => (Kind::Fixed, None, Some(amount)),
        };
        Self { code, kind, percent, amount, valid_from, valid_to, minimum, created_at, ended_at }
    }
}

fn benefit(input: &CreatePromotion) -> Result<Benefit, Problem> {
    match (input.kind, input.percent, input.amount) {
        (Kind::Percentage, Some(percent), None) => Ok(Benefit::Percentage(percent)),
        (Kind::Fixed, None, Some(amount)) => Ok(Benefit::Fixed(amount)),
        (Kind::Percentage, None, _) => Err(Problem::invalid("/percent", "is required for a percentage")),
        (Kind::Fixed, _, None) => Err(Problem::invalid("/amount", "is required for a fixed promotion")),
        (Kind::Percentage, ..) => Err(Problem::invalid("/amount", "is not for a percentage")),
        (Kind::Fixed, ..) => Err(Problem::invalid("/percent", "is not for a fixed promotion")),
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("create-promotion", handle)
}

async fn handle(checkout: Checkout, call: Call<CreatePromotion>) -> Result<Created<PromotionView>, Problem> {
    call.caller.require(&[Role::Merchant])?;
    let benefit = benefit(&call.input)?;
    let CreatePromotion { code, valid_from, valid_to, minimum, .. } = &call.input;
    let terms = Terms { valid_from: *valid_from, valid_to: *valid_to, minimum: *minimum };
    let existing = checkout.store.promotion(code).await?;
    let (promotion, changed) = Promotion::create(existing.as_ref(), code.clone(), benefit, terms, call.now())?;
    let commit = checkout.store.table().commit(&call.cause).save(&promotion).event(&changed);
    let reply = Created::at(format!("/v1/promotions/{code}"), PromotionView::of(promotion)).version(1);
    commit.answer(&reply).run().await?;
    Ok(reply)
}
