//! Show the terms.

use garde::Validate;
use lambda::{Function, Html, Problem, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Storefront,
    text_page::{Section, TextPage},
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowTerms {}

pub fn function() -> Function {
    Function::page("show-terms", show)
        .about("What a customer and the shop agree on: who sells, how an order is made, prices, payment, delivery and warranty.")
        .shared()
}

async fn show(storefront: Storefront, visit: Visit<ShowTerms>) -> Result<Html<TextPage>, Problem> {
    let shell = storefront.visited(&visit.visitor, visit.now()).await?;
    let sections = vec![
        Section::of(&shell, "terms-seller", &["terms-seller-text"], &[]),
        Section::of(&shell, "terms-order", &["terms-order-text"], &[]),
        Section::of(&shell, "terms-prices", &["terms-prices-text"], &[]),
        Section::of(&shell, "stage-payment", &["terms-payment-text"], &[]),
        Section::of(&shell, "sum-delivery", &["terms-delivery-text"], &[]),
        Section::of(&shell, "terms-warranty", &["terms-warranty-text"], &[]),
    ];
    Ok(Html::new(TextPage::of(shell, "terms", "terms-lead", sections)))
}
