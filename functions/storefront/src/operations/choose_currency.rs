//! Choose the currency that prices are shown in.

use askama::Template;
use contracts::Currency;
use garde::Validate;
use lambda::{Acted, Form, Function, Html, Problem, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront, money,
    next::own_path,
    shell::{CURRENCY_COOKIE, Shell},
};

/// For how many seconds a browser keeps the choice: a year.
const KEPT: u32 = 365 * 24 * 3600;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ChooseCurrency {
    /// The path to return to.
    #[garde(skip)]
    next: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct Choice {
    #[garde(skip)]
    currency: Currency,
}

/// The currencies that can be chosen.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "currency.html")]
#[serde(rename_all = "camelCase")]
struct CurrencyPage {
    #[serde(skip)]
    shell: Shell,
    /// The currency that prices are shown in.
    currency: Currency,
    choices: Vec<Currency>,
    #[serde(skip)]
    next: String,
}

pub fn function() -> Function {
    Function::form("choose-currency", show, act)
        .about("The currencies that can be chosen, and the one of the cookie `currency`. The first one is the default.")
}

async fn show(storefront: Storefront, visit: Visit<ChooseCurrency>) -> Result<Html<CurrencyPage>, Problem> {
    let shell = storefront.visited(&visit.visitor, visit.now()).await?;
    let next = own_path(visit.input.next.as_deref());
    Ok(Html::new(CurrencyPage { currency: shell.currency(), choices: money::CHOICES.to_vec(), next, shell }))
}

async fn act(_: Storefront, visit: Visit<Form>) -> Result<Acted<CurrencyPage>, Problem> {
    let Choice { currency } = visit.input.read()?;
    if !money::CHOICES.contains(&currency) {
        let codes = money::CHOICES.map(Currency::code).join(", ");
        return Err(Problem::invalid("/currency", format_args!("must be one of {codes}")));
    }
    let cookie = format!("{CURRENCY_COOKIE}={}; Path=/; Max-Age={KEPT}; Secure; SameSite=Lax", currency.code());
    Ok(Acted::See { to: own_path(visit.input.text("next")), cookie: Some(cookie) })
}
