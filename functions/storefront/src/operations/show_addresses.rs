//! Show the addresses of an account, and remove one.

use askama::Template;
use contracts::AddressId;
use garde::Validate;
use lambda::{Acted, ApiRequest, Form, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Storefront, address, entry::to_sign_in, saved_address::SavedAddress, shell::Shell};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowAddresses {
    /// Whether the visitor comes from saving an address.
    #[garde(skip)]
    saved: Option<String>,
}

/// The addresses of an account.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "addresses.html")]
#[serde(rename_all = "camelCase")]
struct AddressesPage {
    #[serde(skip)]
    shell: Shell,
    /// The oldest one first.
    addresses: Vec<SavedAddress>,
    #[serde(skip)]
    is_saved: bool,
}

impl AddressesPage {
    fn lines(&self, saved: &SavedAddress) -> Vec<String> {
        address::lines(&saved.address, self.shell.texts)
    }
}

/// The address to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct Remove {
    #[garde(skip)]
    address: AddressId,
}

pub fn function() -> Function {
    Function::form("show-addresses", show, act)
        .about("The addresses of the account of the session in the cookie. Without one, it is 401.")
        .problems(&[UNAUTHENTICATED])
}

async fn show(storefront: Storefront, visit: Visit<ShowAddresses>) -> Result<Seen<AddressesPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See(to_sign_in(&visit.visitor)?)) };
    let asked = async { storefront.addresses(&signed).await.map_err(Problem::from) };
    let around = async { storefront.shell(&visit.visitor, Some(&signed)).await.map_err(Problem::from) };
    let (addresses, shell) = futures::try_join!(asked, around)?;
    Ok(Seen::Page(Html::new(AddressesPage { shell, addresses, is_saved: visit.input.saved.is_some() })))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<AddressesPage>, Problem> {
    let Some(signed) = storefront.submitting_customer(&visit).await? else {
        return Ok(Acted::see(to_sign_in(&visit.visitor)?));
    };
    let Remove { address } = visit.input.read()?;
    let request = ApiRequest::new(http::Method::DELETE, format!("/v1/me/addresses/{address}"));
    storefront.users.send::<Value>(signed.with_token(request)).await?;
    Ok(Acted::see("/account/addresses"))
}
