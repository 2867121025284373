//! Get how far an order is, for its page to update itself.

use askama::Template;
use contracts::OrderId;
use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Storefront, aisle::Aisles, live::Live, order::not_signed, shell::Shell};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowOrderLive {
    #[garde(skip)]
    order_id: OrderId,
    /// The state that the page shows.
    #[garde(skip)]
    state: Option<String>,
    /// The seconds that it waited.
    #[garde(skip)]
    waited: Option<u32>,
}

/// A part of a page, and no page: it has no JSON of its own.
pub fn function() -> Function {
    Function::page("show-order-live", show)
}

async fn show(storefront: Storefront, visit: Visit<ShowOrderLive>) -> Result<StaticFile, Problem> {
    let signed = storefront.signed(&visit).await?.ok_or_else(not_signed)?;
    let ShowOrderLive { order_id, state, waited } = &visit.input;
    let known = storefront.known_order(&signed, *order_id).await?;
    let shell = Shell::of(&visit.visitor, &Aisles::default(), None);
    let live = Live::of(&known, &shell, visit.now(), false).since(state.as_deref(), *waited);
    Ok(StaticFile::new("text/html; charset=utf-8", live.render().map_err(Problem::internal)?))
}
