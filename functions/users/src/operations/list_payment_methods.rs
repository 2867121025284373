//! List the caller's payment methods, oldest first.

use contracts::PaymentMethodId;
use garde::Validate;
use lambda::{Call, Function, Page, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Users, problem::no_account, wallet::PaymentMethod};

/// Nothing to choose: there are few.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ListPaymentMethods {}

/// A payment method of the caller's.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodView {
    id: PaymentMethodId,
    /// The provider's reference: what an order is placed with.
    reference: String,
    brand: Option<String>,
    last4: Option<String>,
}

impl PaymentMethodView {
    pub(crate) fn new(id: PaymentMethodId, method: PaymentMethod) -> Self {
        let PaymentMethod { reference, brand, last4 } = method;
        Self { id, reference, brand, last4 }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("list-payment-methods", handle)
}

async fn handle(users: Users, call: Call<ListPaymentMethods>) -> Result<Page<PaymentMethodView>, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, subject) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let views = wallet.methods.iter().map(|saved| Ok(PaymentMethodView::new(saved.id, subject.open(&saved.sealed)?)));
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next: None })
}
