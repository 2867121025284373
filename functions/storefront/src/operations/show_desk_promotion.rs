//! Show the form for a new promotion, and create it.

use askama::Template;
use contracts::{Currency, Role};
use garde::Validate;
use lambda::{Acted, ApiError, ApiProblem, ApiRequest, Form, Function, Html, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Storefront, entered::Entered, entry::to_sign_in, money, shell::Shell, signed::Signed, when};

/// The fields of the form.
const FIELDS: [&str; 9] = ["key", "name", "code", "kind", "value", "currency", "minimum", "from", "to"];
/// The kinds of discount that the form has.
const KINDS: [&str; 3] = ["percentage", "fixed", "freeShipping"];

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDeskPromotion {}

/// The form for a promotion.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_promotion.html")]
struct DeskPromotionPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    entered: Entered,
    /// Why it was not created, although no field is wrong.
    #[serde(skip)]
    notice: Option<String>,
}

impl DeskPromotionPage {
    /// The kinds that can be chosen: value, name, explanation, and whether it is chosen.
    fn kinds(&self) -> [(&'static str, String, String, bool); 3] {
        let chosen = self.entered.value("kind");
        let names = ["promotion-kind-percentage", "promotion-kind-fixed", "promotion-free-shipping"];
        let texts = ["promotion-kind-percentage-text", "promotion-kind-fixed-text", "promotion-kind-free-text"];
        let kind = |at: usize| (KINDS[at], self.shell.t(names[at]), self.shell.t(texts[at]), KINDS[at] == chosen);
        [0, 1, 2].map(kind)
    }
}

pub fn function() -> Function {
    Function::form("show-desk-promotion", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskPromotion>) -> Result<Seen<DeskPromotionPage>, Problem> {
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
) -> Result<DeskPromotionPage, Problem> {
    let shell = storefront.shell(&visit.visitor, Some(signed)).await?;
    let entered = entered.or("kind", Some(KINDS[0])).or("currency", Some(shell.currency().code()));
    Ok(DeskPromotionPage { shell, entered, notice: None })
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<DeskPromotionPage>, Problem> {
    let Some(signed) = storefront.submitting_at_desk(Role::Merchant, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let mut page = page(&storefront, &visit, &signed, Entered::of(&visit.input, &FIELDS)).await?;
    let body = read(&mut page.entered, &page.shell);
    if !page.entered.is_right() {
        return Ok(Acted::Again(page));
    }
    let request = ApiRequest::post("/v1/promotions", page.entered.value("key")).json(&body);
    match storefront.checkout.send::<Value>(signed.with_token(request)).await {
        Ok(_) => Ok(Acted::see("/desk/promotions?added=1")),
        Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 409 | 422) => {
            note(&mut page, &problem, storefront.random_text());
            Ok(Acted::Again(page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The promotion, for checkout, which checks the rest. Notes what cannot be read.
fn read(entered: &mut Entered, shell: &Shell) -> Value {
    let currency = money::CHOICES.into_iter().find(|currency| currency.code() == entered.value("currency"));
    let currency = currency.unwrap_or(Currency::Eur);
    let kind = KINDS.into_iter().find(|kind| *kind == entered.value("kind")).unwrap_or(KINDS[0]);
    let mut body = json!({"kind": kind});
    for name in ["name", "code"] {
        let text = entered.value(name).trim();
        if !text.is_empty() {
            body[name] = text.into();
        }
    }
    let amount =
        |text: &str| money::entered(text, currency).map(|amount| json!({"amount": amount, "currency": currency}));
    let value = entered.value("value").to_owned();
    match kind {
        "percentage" => body["percent"] = value.trim().trim_end_matches('%').trim_end().replace(',', ".").into(),
        "fixed" => match amount(&value) {
            Some(amount) => body["amount"] = amount,
            None => entered.wrong("value", shell.t("promotion-value-wrong")),
        },
        _ => {}
    }
    if kind == "percentage" && body["percent"] == "" {
        entered.wrong("value", shell.t("promotion-percent-wrong"));
    }
    let minimum = entered.value("minimum").to_owned();
    if !minimum.is_empty() {
        match amount(&minimum) {
            Some(amount) => body["minimum"] = amount,
            None => entered.wrong("minimum", shell.t("promotion-value-wrong")),
        }
    }
    for (field, name, is_end) in [("from", "validFrom", false), ("to", "validTo", true)] {
        let day = entered.value(field).to_owned();
        if !day.is_empty() {
            match when::midnight(&day, is_end) {
                Some(time) => body[name] = time.to_string().into(),
                None => entered.wrong(field, shell.t("promotion-day-wrong")),
            }
        }
    }
    body
}

/// Notes why checkout refused it.
fn note(page: &mut DeskPromotionPage, problem: &ApiProblem, fresh: String) {
    let mut wrong = |field, key: &str| page.entered.wrong(field, page.shell.t(key));
    if problem.slug == "code-taken" {
        return wrong("code", "promotion-code-taken");
    }
    for error in &problem.errors {
        match error.pointer.split('/').nth(1).unwrap_or_default() {
            "name" => wrong("name", "too-long"),
            "code" => wrong("code", "promotion-code-wrong"),
            "percent" => wrong("value", "promotion-percent-wrong"),
            "amount" => wrong("value", "promotion-value-wrong"),
            "minimum" => wrong("minimum", "promotion-value-wrong"),
            "validFrom" | "validTo" => wrong("to", "promotion-days-wrong"),
            _ => {}
        }
    }
    if page.entered.is_right() {
        let is_spent = problem.status != 409 && problem.errors.is_empty();
        if is_spent {
            // The key of the form is spent, or it has none.
            page.entered.replace("key", fresh);
        }
        page.notice = Some(if is_spent { page.shell.t("form-sent") } else { problem.detail.clone() });
    }
}
