//! Get a quote and verify its prices.

use contracts::{Adjustment, CartId, OrderLineView, PromotionId, QuoteId, Role, TotalsView};
use garde::Validate;
use lambda::{Call, Found, Function, INVALID_AMOUNT, NOT_FOUND, Problem, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Checkout, kept::KeptQuote};

/// The quote to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetQuote {
    #[garde(skip)]
    quote_id: QuoteId,
}

/// A stored quote, without its address and its signature.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "KeptQuote")]
pub struct KeptQuoteView {
    id: QuoteId,
    cart_id: CartId,
    lines: Vec<OrderLineView>,
    totals: TotalsView,
    /// The steps of the recalculation, with the prices and rules at the time of the quote.
    trace: Vec<Adjustment>,
    /// Whether the recalculated lines and totals are equal to those of the quote.
    verified: bool,
    /// The promotions that applied.
    promotion_ids: Vec<PromotionId>,
    shipping_option: String,
    created_at: Time,
    expires_at: Time,
}

pub fn function() -> Function {
    Function::http("get-quote", handle)
        .about(
            "Calculates the quote again from the prices, promotions, shipping rates and tax rates of the time at \
             which it was created, and compares the result. A quote is kept for 90 days. Only the caller who \
             created it and support can read it. Other callers get 404.",
        )
        .problems(&[NOT_FOUND, INVALID_AMOUNT])
}

async fn handle(checkout: Checkout, call: Call<GetQuote>) -> Result<Found<KeptQuoteView>, Problem> {
    let (caller, kept) = (call.caller.principal()?, checkout.store.kept_quote(call.input.quote_id).await?);
    let kept = kept
        .filter(|kept| kept.owner == caller || call.caller.has(Role::Support))
        .ok_or_else(|| Problem::not_found("quote"))?;
    let (trace, verified) = kept.verify()?;
    let promotion_ids = kept.promotions().collect();
    let KeptQuote { id, cart, lines, totals, option, made_at, expires_at, .. } = kept;
    Ok(Found::new(KeptQuoteView {
        id,
        cart_id: cart,
        lines: lines.into_iter().map(OrderLineView::from).collect(),
        totals: totals.into(),
        trace,
        verified,
        promotion_ids,
        shipping_option: option.id,
        created_at: made_at.into(),
        expires_at: expires_at.into(),
    }))
}
