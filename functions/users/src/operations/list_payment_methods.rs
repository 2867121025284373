//! List the caller's payment methods, oldest first.

use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account, view::PaymentMethodView, wallet::SavedMethod};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListPaymentMethods {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-payment-methods", handle)
        .about(
            "Returns references to payment methods that the payment provider stores, never card numbers. An \
             account has at most 20 payment methods. Guests get 403.",
        )
        .problems(&[FORBIDDEN])
}

async fn handle(users: Users, call: Call<ListPaymentMethods>) -> Result<Page<PaymentMethodView>, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, subject) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let ListPaymentMethods { limit, cursor } = call.input;
    let (list, key) = (format!("payment methods {owner}"), |saved: &SavedMethod| saved.id.to_string());
    let page = users.store.table().slice(&list, wallet.methods, key, &Paging { limit, cursor })?;
    let views = page.items.iter().map(|saved| Ok(PaymentMethodView::new(saved.id, subject.open(&saved.sealed)?)));
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next: page.next })
}
