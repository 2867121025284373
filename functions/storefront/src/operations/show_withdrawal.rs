//! Show how to withdraw from an order.

use garde::Validate;
use lambda::{Function, Html, Problem, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Storefront,
    text_page::{Section, TextPage},
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowWithdrawal {}

pub fn function() -> Function {
    Function::page("show-withdrawal", show)
        .about("Within which time and how a customer can withdraw from an order, with a form for it.")
        .shared()
}

async fn show(storefront: Storefront, visit: Visit<ShowWithdrawal>) -> Result<Html<TextPage>, Problem> {
    let shell = storefront.visited(&visit.visitor, visit.now()).await?;
    let sections = vec![
        Section::of(&shell, "withdrawal-right", &["withdrawal-right-text"], &[]),
        Section::of(&shell, "withdrawal-how", &[], &["withdrawal-before", "withdrawal-after"]),
        Section::of(&shell, "withdrawal-then", &["withdrawal-then-text"], &[]),
        Section::of(&shell, "withdrawal-form", &["withdrawal-form-text"], &[]),
    ];
    Ok(Html::new(TextPage::of(shell, "withdrawal", "withdrawal-lead", sections)))
}
