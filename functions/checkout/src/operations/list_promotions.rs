//! List promotions, newest first.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, view::PromotionView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListPromotions {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-promotions", handle)
        .about("Includes promotions that have ended, and promotions that are not valid yet.")
        .roles(&[Role::Merchant, Role::Support])
}

async fn handle(checkout: Checkout, call: Call<ListPromotions>) -> Result<Page<PromotionView>, Problem> {
    let (now, ListPromotions { limit, cursor }) = (call.now(), call.input);
    let page = checkout.store.promotions(&Paging { limit, cursor }).await?;
    Ok(page.map(|(promotion, usage)| PromotionView::of(promotion, &usage, now)))
}
