//! Remove one of the caller's payment methods. Nothing happens if there is no such payment method.

use contracts::PaymentMethodId;
use garde::Validate;
use lambda::{Call, FORBIDDEN, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, problem::no_account};

/// The payment method to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovePaymentMethod {
    #[garde(skip)]
    payment_method_id: PaymentMethodId,
}

pub fn function() -> Function {
    Function::http("remove-payment-method", handle)
        .about(
            "If the caller has no such payment method, nothing changes, and the reply is also 204. Orders that \
             were placed with it do not change. Guests get 403.",
        )
        .problems(&[FORBIDDEN, NOT_FOUND])
}

async fn handle(users: Users, call: Call<RemovePaymentMethod>) -> Result<NoContent, Problem> {
    let owner = call.caller.principal()?;
    let (wallet, _) = users.store.wallet(owner).await?.ok_or_else(no_account)?;
    let Some((wallet, changed)) = wallet.remove(call.input.payment_method_id) else { return Ok(NoContent::DONE) };
    users.store.table().commit(&call.context).save(&wallet).event(&changed).run().await?;
    Ok(NoContent::DONE)
}
