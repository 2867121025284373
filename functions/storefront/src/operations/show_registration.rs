//! Show the form for a new account, and register.

use askama::Template;
use garde::Validate;
use lambda::{Acted, ApiError, ApiProblem, ApiRequest, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    entered::Entered,
    link,
    next::own_path,
    shell::{self, Shell},
    signed::Signed,
};

/// The number of characters that a password needs. Users decides; this is for the text.
const SHORTEST_PASSWORD: usize = 12;

/// The fields that must not be empty, and what is said of one that is.
const NEEDED: [(&str, &str); 3] =
    [("name", "register-name-missing"), ("email", "register-email-missing"), ("password", "register-password-missing")];

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowRegistration {
    /// The path to go to then.
    #[garde(skip)]
    next: Option<String>,
}

/// The form for a new account.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "register.html")]
#[serde(rename_all = "camelCase")]
struct RegistrationPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    entered: Entered,
    #[serde(skip)]
    next: String,
    /// Why there is no account with what was entered, although no field is wrong.
    #[serde(skip)]
    refused: Option<String>,
    /// Seconds until another attempt can succeed.
    #[serde(skip)]
    wait: Option<u64>,
}

impl RegistrationPage {
    fn of(shell: Shell, entered: Entered, next: String) -> Self {
        Self { shell, entered, next, refused: None, wait: None }
    }

    fn sign_in(&self) -> String {
        link::sign_in(&self.next)
    }

    /// The page again, with why users refused.
    fn with_refusal(mut self, problem: &ApiProblem, password: &str) -> Acted<Self> {
        match problem.status {
            429 => {
                let seconds = problem.retry_after.unwrap_or(60);
                return Acted::Later { page: Self { wait: Some(seconds), ..self }, seconds };
            }
            422 => {
                for error in &problem.errors {
                    self.note(error, password);
                }
            }
            _ => {}
        }
        if self.entered.is_right() {
            // Of an address that is in use, users says nothing, and then the password is another one.
            self.refused = Some(self.shell.t("register-refused-text"));
        }
        Acted::Again(self)
    }

    fn note(&mut self, error: &lambda::FieldError, password: &str) {
        let shell = &self.shell;
        let length = password.chars().count();
        let (field, fault) = match error.pointer.as_str() {
            "/name" => ("name", shell.t("register-name-wrong")),
            "/email" => ("email", shell.t("register-email-wrong")),
            "/password" if length < SHORTEST_PASSWORD => ("password", shell.n("register-password-short", length)),
            "/password" => ("password", shell.t("register-password-wrong")),
            _ => return,
        };
        self.entered.wrong(field, fault);
    }
}

pub fn function() -> Function {
    Function::form("show-registration", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowRegistration>) -> Result<Seen<RegistrationPage>, Problem> {
    let next = own_path(visit.input.next.as_deref());
    let signed = storefront.signed(&visit).await?;
    if signed.as_ref().is_some_and(|signed| !signed.session.is_guest()) {
        return Ok(Seen::See(next));
    }
    let shell = storefront.shell(&visit.visitor, signed.as_ref()).await?;
    Ok(Seen::Page(Html::new(RegistrationPage::of(shell, Entered::default(), next))))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<RegistrationPage>, Problem> {
    let form = &visit.input;
    let next = own_path(form.text("next"));
    let guest = storefront.submitted(&visit).await?;
    if guest.as_ref().is_some_and(|signed| !signed.session.is_guest()) {
        return Ok(Acted::see(next));
    }
    let shell = storefront.shell(&visit.visitor, guest.as_ref()).await?;
    let mut entered = Entered::of(form, &["name", "email"]);
    entered.require(form, &NEEDED, &shell);
    let page = RegistrationPage::of(shell, entered, next);
    if !page.entered.is_right() {
        return Ok(Acted::Again(page));
    }
    let [email, password] = ["email", "password"].map(|name| form.text(name).unwrap_or_default());
    let granted = match register(&storefront, &visit, guest.as_ref()).await {
        Ok(()) => storefront.sign_in(email, password, &visit.visitor).await,
        Err(error) => Err(error),
    };
    match granted {
        Ok(granted) => {
            let cookie = storefront.enter(granted, guest.as_ref(), &visit).await?;
            Ok(Acted::See { to: page.next, cookie: Some(cookie) })
        }
        Err(ApiError::Refused(problem)) if matches!(problem.status, 401 | 409 | 422 | 429) => {
            Ok(page.with_refusal(&problem, password))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks users for an account. A guest's becomes that of the guest, with cart and orders.
async fn register(storefront: &Storefront, visit: &Visit<Form>, guest: Option<&Signed>) -> Result<(), ApiError> {
    let text = |name| visit.input.text(name).unwrap_or_default();
    let mut body = json!({
        "name": text("name"), "email": text("email"), "password": text("password"),
        "language": shell::language(&visit.visitor),
    });
    if let Some(guest) = guest {
        body["guestToken"] = guest.token().into();
    }
    let request = ApiRequest::new(http::Method::POST, "/v1/users").json(&body);
    storefront.users.send::<Value>(request.on_behalf_of(&visit.visitor.address)).await.map(|_| ())
}
