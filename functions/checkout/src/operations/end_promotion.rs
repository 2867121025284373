//! End a promotion.

use contracts::{PromotionId, Role};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, promotion::Rejection};

/// The promotion to end.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndPromotion {
    #[garde(skip)]
    promotion_id: PromotionId,
}

pub fn function() -> Function {
    Function::http("end-promotion", handle)
        .about(
            "A cart with a code of this promotion cannot be quoted until its owner removes the code. Quotes that were \
             created before keep it. If the promotion has already been ended, nothing changes, and the reply is \
             also 204.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

async fn handle(checkout: Checkout, call: Call<EndPromotion>) -> Result<NoContent, Problem> {
    let (promotion, now) = (checkout.store.promotion(call.input.promotion_id).await?, call.now());
    let (promotion, _) = promotion.ok_or_else(|| Problem::not_found("promotion"))?;
    let (promotion, changed) = match promotion.end(now) {
        Ok(ended) => ended,
        Err(Rejection::Ended) => return Ok(NoContent::DONE),
        Err(rejection) => return Err(rejection.into()),
    };
    let commit = checkout.store.copy(checkout.store.table().commit(&call.context), &promotion, now).await?;
    commit.save(&promotion).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
