//! Add an account to a customer group. Nothing happens if it is a member already.

use contracts::{CustomerGroupId, Role, UserId};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, account::Rejection};

/// The group and its new member.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddGroupMember {
    #[garde(skip)]
    group_id: CustomerGroupId,
    #[garde(skip)]
    user_id: UserId,
}

pub fn function() -> Function {
    Function::http("add-group-member", handle)
        .about(
            "The account gets the prices and promotions of the group with its next access token. An access token \
             expires after ten minutes. An account can be in at most 10 groups. Guests cannot be members. If the \
             account is already a member, nothing changes, and the reply is also 204.",
        )
        .roles(&[Role::Merchant, Role::Support])
        .problems(&[NOT_FOUND, (409, "too-many-groups")])
}

async fn handle(users: Users, call: Call<AddGroupMember>) -> Result<NoContent, Problem> {
    let AddGroupMember { group_id, user_id } = call.input;
    let (account, groups) = users.store.account_and_groups(user_id).await?;
    if !groups.contains(group_id) {
        return Err(Problem::not_found("customer group"));
    }
    match account.ok_or_else(|| Problem::not_found("user"))?.join(group_id) {
        Err(Rejection::SameGroups) => {}
        decided => {
            let (account, changed) = decided?;
            users.store.table().commit(&call.context).save(&account).event(&changed).run().await?;
        }
    }
    Ok(NoContent::DONE)
}
