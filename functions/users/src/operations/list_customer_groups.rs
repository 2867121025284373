//! List all customer groups, oldest first.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Users, view::CustomerGroupView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListCustomerGroups {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-customer-groups", handle)
        .about("There are at most 100 groups. Their members are not listed.")
        .roles(&[Role::Merchant, Role::Support])
}

async fn handle(users: Users, call: Call<ListCustomerGroups>) -> Result<Page<CustomerGroupView>, Problem> {
    let ListCustomerGroups { limit, cursor } = call.input;
    let groups = users.store.groups().await?.groups;
    let page = users.store.table().slice(
        "customer groups",
        groups,
        |group| group.id.to_string(),
        &Paging { limit, cursor },
    )?;
    Ok(page.map(CustomerGroupView::from))
}
