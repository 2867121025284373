//! List the caller's payment methods, oldest first.

use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, Page, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::PaymentMethodView};

/// All payment methods are in one page.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ListPaymentMethods {}

pub fn function() -> Function {
    Function::http("list-payment-methods", handle).problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<ListPaymentMethods>) -> Result<Page<PaymentMethodView>, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, subject) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let views = wallet.methods.iter().map(|saved| Ok(PaymentMethodView::new(saved.id, subject.open(&saved.sealed)?)));
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next: None })
}
