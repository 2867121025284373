//! Change the name, times, limits or priority of a promotion, or pause it.

use contracts::{PromotionId, Role};
use dynamo::Version;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem, default_if_null, usual_time};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    input::LONGEST_NAME,
    problem::unchangeable,
    promotion::{Limits, Promotion, Rules, Settings},
    view::PromotionView,
};

/// Changes to a promotion (a JSON merge patch, RFC 7396). Absent fields do not change.
#[expect(clippy::option_option, reason = "a field that is absent and one that is null differ")]
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePromotion {
    #[garde(skip)]
    promotion_id: PromotionId,
    #[garde(length(chars, min = 1, max = LONGEST_NAME))]
    #[serde(default, deserialize_with = "default_if_null")]
    name: Option<String>,
    /// The time from which the promotion is valid. `null` removes the start.
    #[garde(inner(inner(custom(usual_time))))]
    #[serde(default, deserialize_with = "default_if_null")]
    valid_from: Option<Option<Timestamp>>,
    /// The time until which the promotion is valid, exclusive. `null` removes the end.
    #[garde(inner(inner(custom(usual_time))))]
    #[serde(default, deserialize_with = "default_if_null")]
    valid_to: Option<Option<Timestamp>>,
    /// Replaces all limits. `null` removes them.
    #[garde(dive)]
    #[serde(default, deserialize_with = "default_if_null")]
    limits: Option<Limits>,
    /// 0 to 1000. `null` sets it to 500.
    #[garde(inner(inner(range(max = 1000))))]
    #[serde(default, deserialize_with = "default_if_null")]
    priority: Option<Option<u32>>,
    /// Whether the promotion is paused. A paused promotion is not applied. `null` sets it to false.
    #[garde(skip)]
    #[serde(default, deserialize_with = "default_if_null")]
    paused: Option<bool>,
}

impl UpdatePromotion {
    fn edited(self, before: Settings) -> Settings {
        let priority = self.priority.map(|priority| priority.unwrap_or(Rules::USUAL_PRIORITY));
        Settings {
            name: self.name.unwrap_or(before.name),
            valid_from: self.valid_from.unwrap_or(before.valid_from),
            valid_to: self.valid_to.unwrap_or(before.valid_to),
            limits: self.limits.unwrap_or(before.limits),
            priority: priority.unwrap_or(before.priority),
            paused: self.paused.unwrap_or(before.paused),
        }
    }
}

pub fn function() -> Function {
    Function::http("update-promotion", handle)
        .about(
            "The total limit cannot be less than the sum of `redeemed` and `held` in `usage`. Quotes that were created \
             before do not change. A promotion that was ended with DELETE cannot be changed. If only its `validTo` has \
             passed, it can be changed.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND, (409, "limits-below-usage"), (409, "promotion-ended"), (409, "too-many-automatic")])
}

async fn handle(checkout: Checkout, call: Call<UpdatePromotion>) -> Result<Committed<Found<PromotionView>>, Problem> {
    let now = call.now();
    let promotion = checkout.store.promotion(call.input.promotion_id).await?;
    let (promotion, usage) = promotion.ok_or_else(|| Problem::not_found("promotion"))?;
    call.expects(&promotion.version)?;
    let (limits, settings) = (promotion.limits, call.input.edited(promotion.settings()));
    let reply = |promotion: Promotion, version: &Version| {
        Found::new(PromotionView::of(promotion, &usage, now)).version(version)
    };
    let unchanged = reply(promotion.clone(), &promotion.version);
    let Some((promotion, changed)) = promotion.update(settings, &usage, now).map_err(unchangeable)? else {
        return Ok(Committed::unchanged(unchanged));
    };
    let commit = checkout.store.copy(checkout.store.table().commit(&call.context), &promotion, now).await?;
    // A new limit is compared with the usage, so no use may be held meanwhile.
    let commit = if promotion.limits == limits { commit } else { commit.save(&usage) };
    let commit = commit.save(&promotion).event(&changed);
    let version = commit.version();
    Ok(commit.answer(reply(promotion, &version)).run().await?)
}
