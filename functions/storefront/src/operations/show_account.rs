//! Show the profile of an account, and change its name.

use askama::Template;
use contracts::{Language, Role};
use garde::Validate;
use lambda::{Acted, ApiError, ApiRequest, Form, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Storefront, entered::Entered, entry::to_sign_in, shell::Shell, signed::Signed};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowAccount {
    /// Whether the visitor comes from a change of the profile.
    #[garde(skip)]
    saved: Option<String>,
}

/// The profile of an account.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "account.html")]
#[serde(rename_all = "camelCase")]
struct AccountPage {
    #[serde(skip)]
    shell: Shell,
    name: String,
    email: String,
    /// The language of messages.
    language: Option<Language>,
    roles: Vec<Role>,
    #[serde(skip)]
    entered: Entered,
    /// The version that is changed.
    #[serde(skip)]
    version: String,
    #[serde(skip)]
    is_saved: bool,
    /// Whether it was changed elsewhere.
    #[serde(skip)]
    is_changed: bool,
}

/// The profile, as users answers it.
#[derive(Debug, Deserialize)]
struct Profile {
    name: Option<String>,
    email: Option<String>,
    language: Option<Language>,
    roles: Vec<Role>,
}

impl AccountPage {
    fn role_names(&self) -> String {
        let name = |role: &Role| self.shell.t(&format!("role-{}", role.as_str()));
        self.roles.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

pub fn function() -> Function {
    Function::form("show-account", show, act)
        .about("The profile of the account of the session in the cookie. Without one, it is 401.")
        .problems(&[UNAUTHENTICATED])
}

async fn show(storefront: Storefront, visit: Visit<ShowAccount>) -> Result<Seen<AccountPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See(to_sign_in(&visit.visitor)?)) };
    let page = page(&storefront, &visit, &signed, Entered::default()).await?;
    Ok(Seen::Page(Html::new(AccountPage { is_saved: visit.input.saved.is_some(), ..page })))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    entered: Entered,
) -> Result<AccountPage, Problem> {
    let request = signed.with_token(ApiRequest::get("/v1/me"));
    let asked = async { storefront.users.send_tagged::<Profile>(request).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(signed)).await.map_err(Problem::from) };
    let ((profile, version), shell) = futures::try_join!(asked, around)?;
    let Profile { name, email, language, roles } = profile;
    let entered = entered.or("name", name.as_deref());
    let (name, email, version) = (name.unwrap_or_default(), email.unwrap_or_default(), version.unwrap_or_default());
    Ok(AccountPage { shell, name, email, language, roles, entered, version, is_saved: false, is_changed: false })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<AccountPage>, Problem> {
    let form = &visit.input;
    let Some(signed) = storefront.submitting_customer(&visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let entered = Entered::of(form, &["name"]);
    let Some(name) = form.text("name") else {
        let mut page = page(&storefront, &visit, &signed, Entered::default()).await?;
        page.entered = Entered::default();
        page.entered.require(form, &[("name", "register-name-missing")], &page.shell);
        return Ok(Acted::Again(page));
    };
    let version = form.text("version").unwrap_or_default();
    let change =
        ApiRequest::new(http::Method::PATCH, "/v1/me").header("if-match", version).json(&json!({"name": name}));
    let problem = match storefront.users.send::<Value>(signed.with_token(change)).await {
        Ok(_) => return Ok(Acted::see("/account?saved=1")),
        Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 412 | 422 | 428) => problem,
        Err(error) => return Err(error.into()),
    };
    let mut page = page(&storefront, &visit, &signed, entered).await?;
    if problem.status == 422 {
        page.entered.wrong("name", page.shell.t("register-name-wrong"));
    } else {
        page.is_changed = true;
    }
    Ok(Acted::Again(page))
}
