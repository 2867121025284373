//! Show the form to sign in, and sign in.

use askama::Template;
use garde::Validate;
use lambda::{Acted, ApiError, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, entered::Entered, link, next::own_path, shell::Shell};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowSignIn {
    /// The path to go to then.
    #[garde(skip)]
    next: Option<String>,
}

/// The form to sign in.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "sign_in.html")]
#[serde(rename_all = "camelCase")]
struct SignInPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    entered: Entered,
    #[serde(skip)]
    next: String,
    /// Whether the e-mail address or the password is wrong. Nobody is told which.
    #[serde(skip)]
    is_wrong: bool,
    /// Seconds until another attempt can succeed.
    #[serde(skip)]
    wait: Option<u64>,
}

impl SignInPage {
    fn of(shell: Shell, entered: Entered, next: String) -> Self {
        Self { shell, entered, next, is_wrong: false, wait: None }
    }

    fn register(&self) -> String {
        link::with_next("/register", &self.next)
    }
}

pub fn function() -> Function {
    Function::form("show-sign-in", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowSignIn>) -> Result<Seen<SignInPage>, Problem> {
    let next = own_path(visit.input.next.as_deref());
    let signed = storefront.signed(&visit).await?;
    if signed.as_ref().is_some_and(|signed| !signed.session.is_guest()) {
        return Ok(Seen::See(next));
    }
    let shell = storefront.shell(&visit.visitor, signed.as_ref()).await?;
    Ok(Seen::Page(Html::new(SignInPage::of(shell, Entered::default(), next))))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<SignInPage>, Problem> {
    let form = &visit.input;
    let next = own_path(form.text("next"));
    let guest = storefront.submitted(&visit).await?;
    if guest.as_ref().is_some_and(|signed| !signed.session.is_guest()) {
        return Ok(Acted::see(next));
    }
    let shell = storefront.shell(&visit.visitor, guest.as_ref()).await?;
    let mut entered = Entered::of(form, &["email"]);
    let needed = [("email", "sign-in-email-missing"), ("password", "sign-in-password-missing")];
    entered.require(form, &needed, &shell);
    if !entered.is_right() {
        return Ok(Acted::Again(SignInPage::of(shell, entered, next)));
    }
    let [email, password] = ["email", "password"].map(|name| form.text(name).unwrap_or_default());
    match storefront.sign_in(email, password, &visit.visitor).await {
        Ok(granted) => {
            let cookie = storefront.enter(granted, guest.as_ref(), &visit).await?;
            Ok(Acted::See { to: next, cookie: Some(cookie) })
        }
        Err(ApiError::Refused(problem)) if problem.status == 429 => {
            let seconds = problem.retry_after.unwrap_or(60);
            let page = SignInPage { wait: Some(seconds), ..SignInPage::of(shell, entered, next) };
            Ok(Acted::Later { page, seconds })
        }
        // A malformed address or password gets the same answer as a wrong one.
        Err(ApiError::Refused(problem)) if matches!(problem.status, 401 | 422) => {
            Ok(Acted::Again(SignInPage { is_wrong: true, ..SignInPage::of(shell, entered, next) }))
        }
        Err(error) => Err(error.into()),
    }
}
