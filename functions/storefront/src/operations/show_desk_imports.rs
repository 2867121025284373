//! Show the form for a file of products to a merchant, and start its import.

use askama::Template;
use bytes::Bytes;
use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{Acted, ApiError, ApiProblem, ApiRequest, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, entered::Entered, entry::to_sign_in, money, shell::Shell, signed::Signed};

/// The fields of the form.
const FIELDS: [&str; 4] = ["key", "csv", "currency", "mode"];
/// What happens to a product that exists.
const MODES: [&str; 2] = ["create", "upsert"];

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDeskImports {}

/// The form for a file of products. The catalog has no list of imports.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_imports.html")]
struct DeskImportsPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    entered: Entered,
    /// Why the import did not start, although no field is wrong.
    #[serde(skip)]
    notice: Option<String>,
}

/// An import that has begun.
#[derive(Debug, Deserialize)]
struct Begun {
    id: ImportId,
}

impl DeskImportsPage {
    /// What can happen to a product that exists: value, name, explanation, and whether it is chosen.
    fn modes(&self) -> [(&'static str, String, String, bool); 2] {
        let chosen = self.entered.value("mode");
        let keys = [("import-refuse", "import-refuse-text"), ("import-update", "import-update-text")];
        [0, 1].map(|at: usize| {
            let (name, text) = keys[at];
            (MODES[at], self.shell.t(name), self.shell.t(text), MODES[at] == chosen)
        })
    }
}

pub fn function() -> Function {
    Function::form("show-desk-imports", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskImports>) -> Result<Seen<DeskImportsPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let entered = Entered::default().or("key", Some(&storefront.random_text()));
    Ok(Seen::Page(Html::new(page(&storefront, &visit, &signed, entered).await?)))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    entered: Entered,
) -> Result<DeskImportsPage, Problem> {
    let shell = storefront.shell(&visit.visitor, Some(signed)).await?;
    let entered = entered.or("mode", Some(MODES[0])).or("currency", Some(shell.currency().code()));
    Ok(DeskImportsPage { shell, entered, notice: None })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<DeskImportsPage>, Problem> {
    let Some(signed) = storefront.submitting_at_desk(Role::Merchant, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let mut page = page(&storefront, &visit, &signed, Entered::of(&visit.input, &FIELDS)).await?;
    let Some((media_type, content)) = content(&visit.input) else {
        page.entered.wrong("file", page.shell.t("import-missing"));
        return Ok(Acted::Again(page));
    };
    let mode = MODES.into_iter().find(|mode| *mode == page.entered.value("mode")).unwrap_or(MODES[0]);
    let code = page.entered.value("currency");
    let currency = money::CHOICES.into_iter().find(|currency| currency.code() == code);
    let currency = currency.map(|currency| format!("&currency={currency}")).unwrap_or_default();
    let request = ApiRequest::post(format!("/v1/imports?mode={mode}{currency}"), page.entered.value("key"));
    let request = request.file(media_type, content);
    match storefront.catalog.send::<Begun>(signed.with_token(request)).await {
        Ok(Begun { id }) => Ok(Acted::see(format!("/desk/imports/{id}"))),
        Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 409 | 413 | 422) => {
            note(&mut page, problem, storefront.random_text());
            Ok(Acted::Again(page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The media type and the rows: those of the file, or else those that were pasted. The catalog finds out how the text of a
/// file is encoded.
fn content(form: &Form) -> Option<(&'static str, Bytes)> {
    let pasted = || Some(("text/csv; charset=utf-8", form.text("csv")?.to_owned().into()));
    form.file("file").map(|file| ("text/csv", file.clone())).or_else(pasted)
}

/// Notes why the catalog refused the file.
fn note(page: &mut DeskImportsPage, problem: ApiProblem, fresh: String) {
    if let Some(error) = problem.errors.into_iter().next() {
        let fault = page.shell.w("import-wrong", "reason", error.detail.trim_end_matches('.'));
        return page.entered.wrong("file", fault);
    }
    let is_spent = matches!(problem.status, 400 | 422);
    if is_spent {
        // The key of the form is spent, or it has none.
        page.entered.replace("key", fresh);
    }
    page.notice = Some(if is_spent { page.shell.t("form-sent") } else { problem.detail });
}
