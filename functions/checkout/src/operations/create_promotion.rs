//! Create a promotion: a code for a percentage or a fixed discount.

use contracts::{Money, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    promotion::{Benefit, Promotion, PromotionCode, Terms},
    rates::{Percent, in_bounds},
    view::{Kind, PromotionView},
};

/// A new promotion.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePromotion {
    #[garde(skip)]
    code: PromotionCode,
    #[garde(skip)]
    kind: Kind,
    /// The percentage, if `kind` is `percentage`.
    #[garde(skip)]
    percent: Option<Percent>,
    /// The discount if `kind` is `fixed`. The promotion is then valid only for carts in its currency.
    #[garde(inner(custom(in_bounds)))]
    amount: Option<Money>,
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    /// The time until which the promotion is valid, exclusive.
    #[garde(skip)]
    valid_to: Option<Timestamp>,
    /// The minimum value of the items. The promotion is then valid only for carts in its currency.
    #[garde(inner(custom(in_bounds)))]
    minimum: Option<Money>,
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

pub fn function() -> Function {
    Function::http("create-promotion", handle)
        .about(
            "Customers apply the code to their carts. A promotion cannot be changed afterwards, only ended. The \
             code cannot be used for another promotion, even after this one has ended.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "code-taken")])
}

async fn handle(checkout: Checkout, call: Call<CreatePromotion>) -> Result<Committed<Created<PromotionView>>, Problem> {
    let benefit = benefit(&call.input)?;
    let CreatePromotion { code, valid_from, valid_to, minimum, .. } = &call.input;
    let terms = Terms { valid_from: *valid_from, valid_to: *valid_to, minimum: *minimum };
    let existing = checkout.store.promotion(code).await?;
    let (promotion, changed) = Promotion::create(existing.as_ref(), code.clone(), benefit, terms, call.now())?;
    let commit = checkout.store.table().commit(&call.context).save(&promotion).event(&changed);
    let reply = Created::at(format!("/v1/promotions/{code}"), PromotionView::of(promotion));
    let reply = reply.version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
