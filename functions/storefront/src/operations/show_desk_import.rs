//! Show how far an import of products is, with the rows that it refused.

use askama::Template;
use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{FORBIDDEN, Function, Html, NOT_FOUND, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    entry::to_sign_in,
    import::{Import, ImportLive},
    shell::Shell,
    when,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowDeskImport {
    #[garde(skip)]
    import_id: ImportId,
    /// Rows after this one.
    #[garde(skip)]
    after: Option<u64>,
}

/// An import of products.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_import.html")]
#[schemars(rename = "DeskImportPage")]
struct DeskImportPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(flatten)]
    import: Import,
    #[serde(skip)]
    live: ImportLive,
    /// When it was started, as it is shown.
    #[serde(skip)]
    started: String,
    /// The path of the next rows.
    #[serde(skip)]
    next: Option<String>,
}

pub fn function() -> Function {
    Function::page("show-desk-import", show)
        .about(
            "`after` lists the rows after a row. Without an account it is 401, and without the role of a merchant 403.",
        )
        .problems(&[UNAUTHENTICATED, FORBIDDEN, NOT_FOUND])
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskImport>) -> Result<Seen<DeskImportPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let ShowDeskImport { import_id, after } = visit.input;
    let asked = async { storefront.import(&signed, import_id, after).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await.map_err(Problem::from) };
    let (import, shell) = futures::try_join!(asked, around)?;
    let started = when::time_or_date(import.started_at, visit.now());
    let live = ImportLive::of(&import, &shell);
    let next = import.next_after.map(|after| format!("/desk/imports/{import_id}?after={after}"));
    Ok(Seen::Page(Html::new(DeskImportPage { shell, import, live, started, next })))
}
