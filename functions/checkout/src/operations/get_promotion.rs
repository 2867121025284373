//! Get a promotion, with how often it is used.

use contracts::{PromotionId, Role};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, view::PromotionView};

/// The promotion to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPromotion {
    #[garde(skip)]
    promotion_id: PromotionId,
}

pub fn function() -> Function {
    Function::http("get-promotion", handle)
        .about(
            "`usage` counts the uses of quotes that were created while the promotion had a total limit. A change of \
             `usage` does not change the `ETag`.",
        )
        .roles(&[Role::Merchant, Role::Support])
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(checkout: Checkout, call: Call<GetPromotion>) -> Result<Found<PromotionView>, Problem> {
    let promotion = checkout.store.promotion(call.input.promotion_id).await?;
    let (promotion, usage) = promotion.ok_or_else(|| Problem::not_found("promotion"))?;
    let version = promotion.version.clone();
    Ok(Found::new(PromotionView::of(promotion, &usage, call.now())).version(&version))
}
