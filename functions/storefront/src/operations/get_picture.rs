//! Get a picture of the demo shop.

use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Storefront, pictures};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct GetPicture {
    /// Such as `lamp-red.svg`.
    #[garde(skip)]
    name: String,
}

pub fn function() -> Function {
    Function::page("get-picture", show).shared()
}

async fn show(_: Storefront, visit: Visit<GetPicture>) -> Result<StaticFile, Problem> {
    let picture = visit.input.name.strip_suffix(".svg").and_then(pictures::draw);
    Ok(StaticFile::immutable("image/svg+xml", picture.ok_or_else(|| Problem::not_found("picture"))?))
}
