//! Sign out.

use askama::Template;
use garde::Validate;
use lambda::{Acted, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, session::clear_cookie, shell::Shell};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowSignOut {}

/// The form to sign out.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "sign_out.html")]
struct SignOutPage {
    #[serde(skip)]
    shell: Shell,
}

pub fn function() -> Function {
    Function::form("show-sign-out", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowSignOut>) -> Result<Seen<SignOutPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See("/".to_owned())) };
    Ok(Seen::Page(Html::new(SignOutPage { shell: storefront.shell(&visit.visitor, Some(&signed)).await? })))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<SignOutPage>, Problem> {
    let Some(signed) = storefront.submitting_customer(&visit).await? else { return Ok(Acted::see("/")) };
    storefront.end(&signed.session, &visit).await?;
    Ok(Acted::See { to: "/".to_owned(), cookie: Some(clear_cookie()) })
}
