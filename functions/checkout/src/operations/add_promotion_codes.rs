//! Give a promotion more codes, each for one order.

use std::collections::BTreeSet;

use contracts::{PromotionId, Role};
use dynamo::Error;
use garde::Validate;
use lambda::{Call, FieldError, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    problem::{codes_taken, unchangeable},
    promotion::PromotionCode,
    store::code_key,
};

/// The number of codes in one transaction. It has at most 100 items (`DynamoDB`'s limit), and the promotion is one of them.
const CODES_AT_ONCE: usize = 99;

/// The codes to add.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddPromotionCodes {
    #[garde(skip)]
    promotion_id: PromotionId,
    /// The codes, at most 1,000, each once.
    #[garde(length(min = 1, max = 1000), inner(custom(is_code)))]
    #[schemars(with = "Vec<PromotionCode>")]
    codes: Vec<String>,
}

/// The result of the request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodesAddedView {
    /// The number of codes that the promotion did not have before.
    added: usize,
    /// The number of its single-use codes now.
    single_use_codes: u32,
}

pub fn function() -> Function {
    Function::http("add-promotion-codes", handle)
        .about(
            "Each of these codes can be used for one order in the whole shop, within the limits of the promotion. An order \
             that is cancelled before dispatch gives its code back. The promotion's own code stays as it is: it can be used \
             by everyone who knows it. Codes that the promotion already has do not change, so the request can be repeated. \
             If a code belongs to another promotion, or is the promotion's own, no code is added. Up to 99 codes \
             are added together. If a request with more codes fails in the middle, some of its codes can already be \
             stored: repeat the request.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND, (409, "code-taken"), (409, "promotion-automatic"), (409, "promotion-ended")])
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn is_code(text: &str, (): &()) -> garde::Result {
    text.parse::<PromotionCode>().map(drop).map_err(garde::Error::new)
}

/// The codes of a request. Those that occur again are refused.
fn distinct(texts: &[String]) -> Result<Vec<PromotionCode>, Problem> {
    let codes = texts.iter().map(|text| text.parse()).collect::<Result<Vec<PromotionCode>, _>>();
    let codes = codes.map_err(Problem::internal)?;
    let mut seen = BTreeSet::new();
    let repeated: Vec<_> = codes
        .iter()
        .enumerate()
        .filter(|(_, code)| !seen.insert(*code))
        .map(|(at, _)| wrong(at, "repeats an earlier code"))
        .collect();
    if repeated.is_empty() { Ok(codes) } else { Err(Problem::invalid_fields(repeated)) }
}

fn wrong(at: usize, detail: &str) -> FieldError {
    FieldError { pointer: format!("/codes/{at}"), detail: detail.to_owned() }
}

/// A request of many codes is several transactions. If another one comes between them, it is repeated, and then counts only the
/// codes that it had not added yet.
async fn handle(checkout: Checkout, call: Call<AddPromotionCodes>) -> Result<Found<CodesAddedView>, Problem> {
    let AddPromotionCodes { promotion_id: id, codes } = call.input;
    let codes = distinct(&codes)?;
    let (promotion, holders) = checkout.store.promotion_and_holders(id, &codes).await?;
    let mut promotion = promotion.ok_or_else(|| Problem::not_found("promotion"))?;
    promotion.takes_codes().map_err(unchangeable)?;
    let taken = codes.iter().enumerate().filter_map(|(at, code)| match holders.get(code) {
        Some(holder) if *holder != id => Some(wrong(at, "is a code of another promotion")),
        _ if promotion.code.as_ref() == Some(code) => Some(wrong(at, "is the promotion's own code")),
        _ => None,
    });
    let taken: Vec<_> = taken.collect();
    if !taken.is_empty() {
        return Err(codes_taken(taken));
    }
    let new: Vec<_> = codes.iter().filter(|code| !holders.contains_key(code)).collect();
    for codes in new.chunks(CODES_AT_ONCE) {
        promotion = promotion.with_codes(codes.len());
        let commit = checkout.store.table().commit(&call.context).save(&promotion);
        promotion.version = commit.version();
        let commit = codes.iter().fold(commit, |commit, code| commit.claim(&code_key(code), id));
        // Who has taken a code meanwhile is found by another look.
        commit.run().await.map_err(|error| match error {
            Error::Taken { .. } => Problem::Conflict,
            error => error.into(),
        })?;
    }
    Ok(Found::new(CodesAddedView { added: new.len(), single_use_codes: promotion.single_use_codes }))
}
