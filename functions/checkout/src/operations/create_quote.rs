//! Create a quote of a cart: signed prices and totals, valid for 15 minutes.

use contracts::{Adjustment, CartId, OrderLine, Quote, QuoteId, Sku, Totals, sealed_for};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::Cart,
    pricing::{Priced, price},
    quote::quote,
    view::NoticeView,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateQuote {
    #[garde(skip)]
    cart_id: CartId,
}

/// A quote: what it says, and the signed text of it that an order is placed with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    id: QuoteId,
    /// Signed (JWS, Ed25519): an order is placed with it.
    quote: String,
    lines: Vec<OrderLine>,
    totals: Totals,
    /// Each rule that changed the price, in order: the amounts add up to the total.
    trace: Vec<Adjustment>,
    /// What the customer should know before ordering. Stock is reserved by the order only.
    problems: Vec<LineNoticeView>,
    expires_at: Timestamp,
}

/// Something that the customer should know of a line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineNoticeView {
    sku: Sku,
    #[serde(flatten)]
    notice: NoticeView,
}

impl QuoteView {
    fn of(quote: Quote, signed: String, priced: Priced) -> Self {
        let notices = priced.lines.iter().flat_map(|line| line.notices.iter().map(|notice| (&line.line.sku, notice)));
        let problems = notices.map(|(sku, notice)| LineNoticeView { sku: sku.clone(), notice: NoticeView::of(notice) });
        Self {
            id: quote.jti,
            quote: signed,
            expires_at: quote.expires_at(),
            problems: problems.collect(),
            lines: quote.lines,
            totals: quote.totals,
            trace: priced.trace,
        }
    }
}

/// This function. Each call makes a quote of its own and changes nothing, so it can be repeated.
pub fn function() -> Function {
    Function::http("create-quote", handle).repeatable()
}

async fn handle(checkout: Checkout, call: Call<CreateQuote>) -> Result<Created<QuoteView>, Problem> {
    let now = call.now();
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(call.input.cart_id).await?)?;
    let (shelf, keys) = checkout.store.shelf_and_keys(&cart).await?;
    let priced = price(&cart, &shelf, now)?;
    let ship_to =
        cart.shipping.as_ref().map(|to| checkout.sealer.open(sealed_for::ADDRESS, &to.address)).transpose()?;
    let quote = quote(call.new_id(), &cart, &priced, ship_to, now)?;
    let key = keys.signer(now).ok_or_else(|| {
        Problem::new(503, "no-quote-key", "Quotes cannot be signed yet").detail("Try again soon.").retry_after(1)
    })?;
    let signed = key.open(&checkout.sealer)?.sign(&quote, &checkout.stage).map_err(Problem::internal)?;
    Ok(Created::new(QuoteView::of(quote, signed, priced)))
}
