//! Get the style sheet, the font or the icon of the pages.

use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Storefront, assets};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct GetAsset {
    #[garde(skip)]
    version: String,
    #[garde(skip)]
    name: String,
}

pub fn function() -> Function {
    Function::page("get-asset", show).shared()
}

/// A page of an older version gets the asset of today, which is not kept at that path.
async fn show(_: Storefront, visit: Visit<GetAsset>) -> Result<StaticFile, Problem> {
    let (media_type, content) = assets::find(&visit.input.name).ok_or_else(|| Problem::not_found("asset"))?;
    let is_current = visit.input.version == assets::version();
    Ok(if is_current { StaticFile::immutable(media_type, content) } else { StaticFile::new(media_type, content) })
}
