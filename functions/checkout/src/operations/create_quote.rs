//! Create a signed quote for a cart, valid for 15 minutes.

use contracts::{Adjustment, CartId, OrderLineView, Quote, QuoteId, Sku, TotalsView, sealed_for};
use garde::Validate;
use lambda::{Call, Created, Function, INVALID_AMOUNT, NOT_FOUND, Problem, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::Cart,
    kept::KeptQuote,
    pricing::{Priced, price},
    quote::{Rejection, quote},
    store::save_counted,
    view::WarningView,
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateQuote {
    #[garde(skip)]
    cart_id: CartId,
}

/// A quote: its content in plain JSON, and its signed form.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    id: QuoteId,
    /// The signed quote (JWS, Ed25519). Send it to place an order.
    quote: String,
    lines: Vec<OrderLineView>,
    totals: TotalsView,
    /// The steps of the calculation, in order. Their amounts add up to the total.
    trace: Vec<Adjustment>,
    /// Warnings to show before ordering. A quote does not reserve stock; the order does.
    problems: Vec<LineWarningView>,
    expires_at: Time,
}

/// A warning about a line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineWarningView {
    sku: Sku,
    #[serde(flatten)]
    warning: WarningView,
}

impl QuoteView {
    fn of(quote: Quote, signed: String, priced: Priced) -> Self {
        let warnings =
            priced.lines.iter().flat_map(|line| line.warnings.iter().map(|warning| (&line.line.sku, warning)));
        let problems =
            warnings.map(|(sku, warning)| LineWarningView { sku: sku.clone(), warning: WarningView::of(warning) });
        Self {
            id: quote.jti,
            quote: signed,
            expires_at: quote.expires_at().into(),
            problems: problems.collect(),
            lines: quote.lines.into_iter().map(OrderLineView::from).collect(),
            totals: quote.totals.into(),
            trace: priced.trace,
        }
    }
}

/// Each call makes a separate quote, so the request can be repeated: all quotes of a cart share what they hold.
pub fn function() -> Function {
    Function::http("create-quote", handle)
        .about(
            "A quote is an offer: it fixes the items, prices, address and shipping option of the cart. Send it to \
             `POST /v1/orders` to place the order. The cart needs at least one item, an address and a shipping \
             option, and every item must be on sale and in stock. A quote does not reserve stock. A cart can have \
             several quotes. When one of them is ordered, the others are refused. If a promotion can be used a \
             limited number of times, the quotes of the cart hold one use, until an hour after the last of them \
             expires. Only the cart's owner can create and order a quote.",
        )
        .problems(&[
            NOT_FOUND,
            INVALID_AMOUNT,
            (409, "cart-closed"),
            (409, "cart-empty"),
            (409, "lines-not-sold"),
            (409, "out-of-stock"),
            (409, "promotion-not-valid"),
            (409, "shipping-needed"),
            (409, "too-many-open-orders"),
            (503, "no-quote-key"),
        ])
}

async fn handle(checkout: Checkout, call: Call<CreateQuote>) -> Result<Created<QuoteView>, Problem> {
    let now = call.now();
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(call.input.cart_id).await?)?;
    let (pricing, keys) = checkout.store.pricing_and_keys(&cart).await?;
    let pricing = pricing.for_caller(&call.caller);
    let priced = price(&cart, &pricing, now)?;
    let ship_to =
        cart.shipping.as_ref().map(|to| checkout.sealer.open(sealed_for::ADDRESS, &to.address)).transpose()?;
    let quote = quote(call.new_id(), &cart, &priced, &pricing.limited(), ship_to, now)?;
    let held = pricing.hold(&quote.redemptions, quote.expires_at()).map_err(Rejection::Promotion)?;
    let key = keys.signer(now).ok_or_else(|| {
        Problem::new(503, "no-quote-key", "Quotes cannot be signed yet").detail("Try again soon.").retry_after(1)
    })?;
    let kept = KeptQuote::of(&quote, &cart, &priced, &pricing, now).ok_or(Rejection::NotShipped)?;
    save_counted(checkout.store.table().commit(&call.context).save(&kept), &held).run().await?;
    let signed = key.open(&checkout.sealer)?.sign(&quote, &checkout.stage).map_err(Problem::internal)?;
    Ok(Created::new(QuoteView::of(quote, signed, priced)))
}
