//! End a promotion.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    promotion::{PromotionCode, Rejection},
};

/// The promotion to end.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndPromotion {
    #[garde(skip)]
    code: PromotionCode,
}

pub fn function() -> Function {
    Function::http("end-promotion", handle)
        .about(
            "A cart with this promotion cannot be quoted until its owner removes the code. Quotes that were \
             created before keep it. If the promotion has already been ended, nothing changes, and the reply is \
             also 204.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

async fn handle(checkout: Checkout, call: Call<EndPromotion>) -> Result<NoContent, Problem> {
    let promotion = checkout.store.promotion(&call.input.code).await?;
    match promotion.ok_or_else(|| Problem::not_found("promotion"))?.end(call.now()) {
        Ok((promotion, changed)) => {
            checkout.store.table().commit(&call.context).save(&promotion).event(&changed).run().await?;
        }
        Err(Rejection::Ended) => {}
        Err(rejection) => return Err(rejection.into()),
    }
    Ok(NoContent::DONE)
}
