//! Say that there is no such page.

use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Storefront;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowNothing {}

pub fn function() -> Function {
    Function::page("show-nothing", show)
}

async fn show(_: Storefront, _: Visit<ShowNothing>) -> Result<StaticFile, Problem> {
    Err(Problem::not_found("page"))
}
