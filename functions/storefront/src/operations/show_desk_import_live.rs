//! Get how far an import of products is, for its page to update itself.

use askama::Template;
use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Storefront, aisle::Aisles, entry::not_signed_in, import::ImportLive, shell::Shell};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowDeskImportLive {
    #[garde(skip)]
    import_id: ImportId,
    /// The seconds that the page waited.
    #[garde(skip)]
    waited: Option<u32>,
}

/// A part of a page, and no page: it has no JSON of its own.
pub fn function() -> Function {
    Function::page("show-desk-import-live", show)
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskImportLive>) -> Result<StaticFile, Problem> {
    let signed = storefront.at_desk(Role::Merchant, &visit).await?.ok_or_else(not_signed_in)?;
    let import = storefront.import(&signed, visit.input.import_id, None).await?;
    let live =
        ImportLive::of(&import, &Shell::of(&visit.visitor, &Aisles::default(), None)).since_running(visit.input.waited);
    Ok(StaticFile::new("text/html; charset=utf-8", live.render().map_err(Problem::internal)?))
}
