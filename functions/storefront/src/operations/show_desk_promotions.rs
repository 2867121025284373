//! Show the promotions to a merchant, and end one.

use askama::Template;
use contracts::{PromotionId, Role};
use garde::Validate;
use lambda::{Acted, ApiRequest, FORBIDDEN, Form, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Storefront, checkout::led, entry::to_sign_in, link, promotion::PromotionRow, shell::Shell};

/// How many promotions are on a page.
const SHOWN: usize = 50;
/// The path of the page.
const PROMOTIONS: &str = "/desk/promotions";

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDeskPromotions {
    #[garde(skip)]
    cursor: Option<String>,
    /// Whether the visitor comes from a new promotion.
    #[garde(skip)]
    added: Option<String>,
    /// Whether the visitor comes from ending one.
    #[garde(skip)]
    ended: Option<String>,
}

/// The promotions, the newest first.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_promotions.html")]
#[serde(rename_all = "camelCase")]
struct DeskPromotionsPage {
    #[serde(skip)]
    shell: Shell,
    promotions: Vec<PromotionRow>,
    next_cursor: Option<String>,
    /// The path of the next page.
    #[serde(skip)]
    next: Option<String>,
    /// The key of what was done.
    #[serde(skip)]
    done: Option<&'static str>,
}

/// The promotion to end.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct End {
    #[garde(skip)]
    promotion: PromotionId,
}

pub fn function() -> Function {
    Function::form("show-desk-promotions", show, act)
        .about("Without an account it is 401, and without the role of a merchant 403.")
        .problems(&[UNAUTHENTICATED, FORBIDDEN])
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskPromotions>) -> Result<Seen<DeskPromotionsPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let ShowDeskPromotions { cursor, added, ended } = &visit.input;
    let query = format!("limit={SHOWN}{}", link::cursor(cursor.as_deref()));
    let asked = async { Ok(storefront.promotions(&signed, &query).await) };
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await };
    let (listed, shell) = futures::try_join!(asked, around)?;
    let listed = match listed {
        // A cursor of another list leads to the first page.
        Err(error) if cursor.is_some() && error.has_status(400) => return Ok(led(&visit.visitor, PROMOTIONS)),
        listed => listed?,
    };
    let done = added.as_ref().map(|_| "promotion-added").or_else(|| ended.as_ref().map(|_| "promotion-ended-now"));
    let page = DeskPromotionsPage {
        promotions: listed.items.into_iter().map(|promotion| PromotionRow::of(promotion, &shell)).collect(),
        next: listed.next_cursor.as_deref().map(|cursor| format!("{PROMOTIONS}?cursor={}", link::part(cursor))),
        next_cursor: listed.next_cursor,
        done,
        shell,
    };
    Ok(Seen::Page(Html::new(page)))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<DeskPromotionsPage>, Problem> {
    let Some(signed) = storefront.submitting_at_desk(Role::Merchant, &visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let End { promotion } = visit.input.read()?;
    let request = ApiRequest::new(http::Method::DELETE, format!("/v1/promotions/{promotion}"));
    storefront.checkout.send::<Value>(signed.with_token(request)).await?;
    Ok(Acted::see(format!("{PROMOTIONS}?ended=1")))
}
