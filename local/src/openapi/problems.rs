//! The problem types: what each means, for the document and for the page at `/problems/…`.

use std::collections::{BTreeMap, BTreeSet};

use lambda::ProblemKind;
use serde_json::{Map, Value, json};

/// A type of problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning {
    /// The last part of its `type`.
    pub(crate) slug: &'static str,
    /// Its `title`, as the code has it.
    pub(crate) title: &'static str,
    /// When it is answered, and what to do.
    pub(crate) text: &'static str,
}

const fn meaning(slug: &'static str, title: &'static str, text: &'static str) -> Meaning {
    Meaning { slug, title, text }
}

/// Every type, by slug.
#[rustfmt::skip]
pub(crate) const ALL: &[Meaning] = &[
    meaning("already-assigned", "The shipment is already assigned to the courier", "The shipment already has this courier. The request changed nothing."),
    meaning("already-delivered", "The shipment was already delivered", "The shipment was delivered earlier. The request changed nothing."),
    meaning("already-dispatched", "The shipment was already dispatched", "The shipment was dispatched earlier. The request changed nothing."),
    meaning("already-received", "The goods were already received", "A replenishment can be received only once. To correct the quantity, adjust the stock."),
    meaning("already-registered", "The guest already has an account", "The guest has already registered with another e-mail address."),
    meaning("body-too-large", "The body is too large", "Send a smaller body."),
    meaning("cart-already-ordered", "The cart was already ordered", "An order was placed with another quote of the cart. `detail` names the order. Request a new quote to order what is left in the cart."),
    meaning("cart-closed", "The cart is closed", "All items of the cart were ordered, or the cart was merged into another cart. Use another cart."),
    meaning("cart-empty", "The cart is empty", "Add an item before you request a quote."),
    meaning("cart-full", "The cart is full", "A cart has at most 40 different SKUs."),
    meaning("code-taken", "The code is in use", "Another promotion has or had this code. Choose another code. If codes were added to a promotion, `errors` names those that are in use: codes of other promotions, and its own code."),
    meaning("country-not-served", "We do not ship to this country", "No shipping option to the country has a price in the currency of the cart."),
    meaning("forbidden", "Not allowed", "The caller does not have the role or the account that the operation needs."),
    meaning("idempotency-key-expired", "The idempotency key is more than 24 hours old", "A resource was created with this key more than 24 hours ago. Send a new key to create another one."),
    meaning("idempotency-key-missing", "An idempotency key is required", "Send a unique value of 1 to 255 printable ASCII characters without spaces as `Idempotency-Key`."),
    meaning("idempotency-key-reused", "The idempotency key was used for another request", "Send a new key with each new request, and the same key only when you repeat a request."),
    meaning("import-running", "The import is not finished", "Some rows of the import are still to be processed. Send the request again when its `status` is `done`."),
    meaning("internal", "Internal error", "The server failed. Try again later. Support can find the request by its `requestId`."),
    meaning("invalid-amount", "The amount cannot be computed", "An amount is too large."),
    meaning("invalid-cursor", "The cursor is invalid for this list", "Send the `nextCursor` of the previous page unchanged, with the same filters."),
    meaning("invalid-input", "Some fields are invalid", "`errors` lists each invalid field and the reason."),
    meaning("invalid-quote", "The quote is invalid", "Send the quote unchanged, as the caller who requested it."),
    meaning("invalid-signature", "The signature is invalid", "The webhook was not signed with the secret of this shop."),
    meaning("limits-below-usage", "The limit is below the usage", "The promotion is redeemed and held more often than the new limit allows. `detail` says how often."),
    meaning("lines-not-sold", "Some lines cannot be bought", "Remove the lines that `errors` lists."),
    meaning("malformed-json", "The body is not JSON", "Send valid JSON (RFC 8259)."),
    meaning("malformed-webhook", "The body is not an event", "The body of the webhook is not an event of the payment provider."),
    meaning("no-quote-key", "Quotes cannot be signed yet", "No key can sign quotes yet. Send the request again after the number of seconds in `Retry-After`."),
    meaning("not-captured", "The payment was not captured", "Only a captured payment can be refunded. A payment is captured when the parcel is dispatched."),
    meaning("not-enough-stock", "Not enough stock is available", "Fewer units are available than the adjustment removes. Units reserved for orders cannot be removed."),
    meaning("not-found", "Not found", "The resource does not exist, or it belongs to another caller."),
    meaning("not-sold", "The SKU cannot be bought", "The SKU is no longer sold, or it has no price in the currency of the cart."),
    meaning("order-already-cancelled", "The order is already cancelled", "The order was cancelled earlier. The request changed nothing."),
    meaning("order-already-shipped", "The order was already shipped", "An order can be cancelled by request until it is dispatched."),
    meaning("out-of-stock", "Some lines are out of stock", "The cart contains more units of some SKUs than are in stock. `errors` lists how many are left of each."),
    meaning("own-admin-role", "Administrators cannot remove their own admin role", "Only another administrator can remove the role `admin`."),
    meaning("precondition-malformed", "If-Match or If-None-Match is malformed", "Send entity tags in double quotes, separated by commas, or `*`."),
    meaning("precondition-required", "If-Match is required", "Send the current `ETag` of the resource as `If-Match`. The reply to the last change contains it, and so does its GET if there is one. Items of lists contain it as `version`. Or send `*`."),
    meaning("promotion-automatic", "The promotion is automatic", "An automatic promotion has no codes. Create a promotion with a code."),
    meaning("promotion-ended", "The promotion was ended", "Create another promotion."),
    meaning("promotion-not-valid", "The promotion is not valid", "The code does not exist or has ended. If a quote was requested, it can also be that the code takes nothing off the cart; `detail` says why."),
    meaning("quote-already-used", "The quote was used before", "An order was already placed with this quote. `detail` names the order."),
    meaning("quote-expired", "The quote has expired", "A quote is valid for 15 minutes. Request a new one."),
    meaning("refund-too-large", "The refund is larger than the refundable amount", "`detail` states the amount that can still be refunded."),
    meaning("shipping-needed", "Shipping is not chosen", "Set an address and a shipping option before you request a quote."),
    meaning("sku-taken", "A SKU is in use", "Another product has or had this SKU. Choose another SKU."),
    meaning("stale-signature", "The signature is too old", "The webhook was signed more than 5 minutes ago."),
    meaning("step-needed", "Another step of the checkout comes first", "`detail` names the page of the step. Do that step first."),
    meaning("timed-out", "The request timed out", "The request did not finish in time. Send it again after the number of seconds in `Retry-After`."),
    meaning("too-many-addresses", "The address book is full", "Remove an address before you add another."),
    meaning("too-many-automatic", "There are too many automatic promotions", "There can be at most 50 automatic promotions that have not ended. At most 10 of them can have a total limit. Together they can name at most 2,000 products, categories and SKUs. End one first."),
    meaning("too-many-customer-groups", "There are too many customer groups", "There can be at most 100 customer groups."),
    meaning("too-many-groups", "The account is in too many customer groups", "An account is in at most 10 customer groups. Remove it from another group first."),
    meaning("too-many-open-orders", "The cart has too many open orders", "Seven orders of the cart were placed in the last 7 days. Use a new cart."),
    meaning("too-many-payment-methods", "The account has too many payment methods", "Remove a payment method before you add another."),
    meaning("too-many-price-lists", "There are too many price lists", "There can be at most 50 price lists. Delete one first."),
    meaning("too-many-promotions", "The cart has too many promotions", "A cart has at most 5 promotion codes. Remove one first."),
    meaning("too-many-refunds", "The payment has too many refunds", "The payment has the maximum number of refunds. Refund the rest in the payment provider's dashboard."),
    meaning("too-many-requests", "Too many requests", "Send the request again after the number of seconds in `Retry-After`."),
    meaning("unauthenticated", "Authentication required", "The access token is missing, is invalid or has expired, or the credentials are wrong."),
    meaning("unknown-sku", "The SKU is unknown", "No product has this SKU. A new product can be bought a few moments after its creation."),
    meaning("unsupported-media-type", "The media type is not supported", "Send the body with a media type that the operation accepts."),
    meaning("version-changed", "The resource was changed", "Read the resource again, and send its current `ETag` as `If-Match`."),
    meaning("wrong-status", "The shipment's status does not allow this", "`detail` names the status of the shipment."),
];

/// The meaning of a type.
pub(crate) fn find(slug: &str) -> Option<Meaning> {
    ALL.iter().find(|known| known.slug == slug).copied()
}

/// The error responses of an operation by status: each lists its problem types. `by_gateway` has the statuses that API
/// Gateway also answers by itself, with a message.
pub(super) fn responses(kinds: &[ProblemKind], by_gateway: &[u16]) -> BTreeMap<u16, Value> {
    let statuses: BTreeSet<_> = kinds.iter().map(|(status, _)| *status).chain(by_gateway.iter().copied()).collect();
    let response = |status| {
        let slugs: Vec<_> = kinds.iter().filter(|(known, _)| *known == status).map(|(_, slug)| *slug).collect();
        (status, response(status, &slugs, by_gateway.contains(&status)))
    };
    statuses.into_iter().map(response).collect()
}

fn response(status: u16, slugs: &[&str], by_gateway: bool) -> Value {
    let mut lines: Vec<_> = slugs
        .iter()
        .map(|slug| {
            let meaning = find(slug);
            format!("- `/problems/{slug}`: {}", meaning.map_or("", |meaning| meaning.text))
        })
        .collect();
    if by_gateway {
        lines.push(format!("- `Message` instead of a problem, from API Gateway: {}", gateway_meaning(status)));
    }
    let description = format!("{}\n\n{}", reason(status), lines.join("\n"));
    let mut content = json!({});
    if !slugs.is_empty() {
        let examples: serde_json::Map<_, _> = slugs
            .iter()
            .map(|slug| {
                ((*slug).to_owned(), json!({"$ref": format!("#/components/examples/{}", example_name(status, slug))}))
            })
            .collect();
        content["application/problem+json"] =
            json!({"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples});
    }
    if by_gateway {
        content["application/json"] = json!({
            "schema": {"$ref": "#/components/schemas/Message"},
            "example": {"message": gateway_message(status)},
        });
    }
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}});
    if status == 401 {
        headers["WWW-Authenticate"] = json!({"$ref": "#/components/headers/WWW-Authenticate"});
    }
    if slugs.iter().any(|slug| matches!(*slug, "too-many-requests" | "timed-out" | "no-quote-key")) {
        headers["Retry-After"] = json!({"$ref": "#/components/headers/Retry-After"});
    }
    if slugs.contains(&"too-many-requests") {
        headers["RateLimit"] = json!({"$ref": "#/components/headers/RateLimit"});
        headers["RateLimit-Policy"] = json!({"$ref": "#/components/headers/RateLimit-Policy"});
    }
    json!({"description": description, "headers": headers, "content": content})
}

/// Puts each error response among the shared ones, because many operations have the same, and refers to it.
pub(super) fn share(paths: &mut Map<String, Value>) -> Map<String, Value> {
    let mut shared = Map::new();
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut());
    for responses in operations.filter_map(|operation| operation["responses"].as_object_mut()) {
        for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let name = response_name(status, response);
            let to = json!({"$ref": format!("#/components/responses/{name}")});
            shared.insert(name, std::mem::replace(response, to));
        }
    }
    shared
}

/// `409-cart-closed-cart-full`: a response is known by its status, its problems, and whether API Gateway answers it too.
fn response_name(status: &str, response: &Value) -> String {
    let problems = response["content"]["application/problem+json"]["examples"].as_object().into_iter().flatten();
    let slugs = problems.map(|(name, _)| name.trim_end_matches(&format!("-{status}")).to_owned());
    let message = response["content"].get("application/json").map(|_| "message".to_owned());
    [status.to_owned()].into_iter().chain(slugs).chain(message).collect::<Vec<_>>().join("-")
}

/// An example of each problem that an operation can answer, by its name in the document.
pub(super) fn examples(kinds: &BTreeSet<ProblemKind>) -> Value {
    let example = |(status, slug): &ProblemKind| {
        let mut value = json!({
            "type": format!("/problems/{slug}"),
            "title": find(slug).map_or("", |meaning| meaning.title),
            "status": status,
            "instance": "/v1/…",
            "requestId": "4Qzf8JbQPYJuQus=",
        });
        if *slug == "invalid-input" {
            value["errors"] = json!([{"pointer": "/quantity", "detail": "must be a whole number from 1 to 999"}]);
        }
        (example_name(*status, slug), json!({"value": value}))
    };
    Value::Object(kinds.iter().map(example).collect())
}

fn example_name(status: u16, slug: &str) -> String {
    format!("{slug}-{status}")
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed.",
        401 => "The caller is not identified.",
        403 => "The caller is not allowed to do this.",
        404 => "The resource was not found.",
        409 => "The current state does not allow this.",
        412 => "The version of the resource does not match the request.",
        413 => "The body is too large.",
        415 => "The media type of the body is not supported.",
        422 => "The request cannot be processed.",
        428 => "The request must have `If-Match`.",
        429 => "Too many requests.",
        503 => "The service is not available at the moment.",
        _ => "Internal error.",
    }
}

fn gateway_meaning(status: u16) -> &'static str {
    match status {
        401 => "The access token is missing.",
        413 => "The body is larger than 10 MB.",
        429 => "The API receives too many requests from all callers together.",
        503 => "The operation takes too long, or is not available.",
        _ => "The operation failed.",
    }
}

fn gateway_message(status: u16) -> &'static str {
    match status {
        401 => "Unauthorized",
        413 => "Request Entity Too Large",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_types_are_sorted_and_have_meanings() {
        assert!(ALL.windows(2).all(|pair| pair[0].slug < pair[1].slug));
        assert!(ALL.iter().all(|known| known.text.ends_with('.') && !known.title.ends_with('.')));
    }

    #[test]
    fn a_problem_comes_first_and_alone_where_nothing_else_is_sent() {
        let responses = responses(&[(404, "not-found"), (500, "internal")], &[429, 500]);
        let types = |status: u16| responses[&status]["content"].as_object().unwrap().keys().collect::<Vec<_>>();
        assert_eq!(types(404), ["application/problem+json"]);
        assert_eq!(types(429), ["application/json"]);
        assert_eq!(types(500).len(), 2);
    }
}
