//! Remove an account from a customer group. Nothing happens if it is not a member.

use contracts::{CustomerGroupId, Role, UserId};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, account::Rejection};

/// The group and the member to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveGroupMember {
    #[garde(skip)]
    group_id: CustomerGroupId,
    #[garde(skip)]
    user_id: UserId,
}

pub fn function() -> Function {
    Function::http("remove-group-member", handle)
        .about(
            "The account keeps the prices and promotions of the group until its access token expires, after at most \
             ten minutes. If the account is not a member, nothing changes, and the reply is also 204.",
        )
        .roles(&[Role::Merchant, Role::Support])
        .problems(&[NOT_FOUND])
}

async fn handle(users: Users, call: Call<RemoveGroupMember>) -> Result<NoContent, Problem> {
    let RemoveGroupMember { group_id, user_id } = call.input;
    let (account, groups) = users.store.account_and_groups(user_id).await?;
    if !groups.contains(group_id) {
        return Err(Problem::not_found("customer group"));
    }
    match account.ok_or_else(|| Problem::not_found("user"))?.leave(group_id) {
        Err(Rejection::SameGroups) => {}
        decided => {
            let (account, changed) = decided?;
            users.store.table().commit(&call.context).save(&account).event(&changed).run().await?;
        }
    }
    Ok(NoContent::DONE)
}
