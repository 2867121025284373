//! Create a customer group.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, groups::Group, view::CustomerGroupView};

/// A new customer group.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCustomerGroup {
    /// The name of the group, for merchants and support. Customers do not see it.
    #[garde(length(chars, min = 1, max = 60))]
    name: String,
}

pub fn function() -> Function {
    Function::http("create-customer-group", handle)
        .about(
            "Price lists and promotions can be for customer groups (`customerGroups` of `POST /v1/price-lists` and \
             `POST /v1/promotions`). There can be at most 100 groups. A group cannot be changed or deleted afterwards.",
        )
        .roles(&[Role::Merchant, Role::Support])
        .problems(&[(409, "too-many-customer-groups")])
}

async fn handle(
    users: Users,
    call: Call<CreateCustomerGroup>,
) -> Result<Committed<Created<CustomerGroupView>>, Problem> {
    let group = Group { id: call.new_id(), name: call.input.name };
    let groups = users.store.groups().await?.add(group.clone())?;
    let reply = Created::at("/v1/customer-groups".to_owned(), CustomerGroupView::from(group));
    Ok(users.store.table().commit(&call.context).save(&groups).answer(reply).run().await?)
}
