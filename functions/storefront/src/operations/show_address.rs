//! Show the form for an address of an account, and save it.

use askama::Template;
use contracts::{Address, AddressId};
use garde::Validate;
use lambda::{Acted, ApiError, ApiProblem, ApiRequest, Form, Function, Html, Problem, Seen, Visit, Visitor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Storefront,
    address::{self, CountryView, FieldView},
    entered::Entered,
    entry::to_sign_in,
    saved_address::SavedAddress,
    shell::{self, Shell},
    signed::Signed,
    texts::Texts,
};

/// The path of the addresses.
const ADDRESSES: &str = "/account/addresses";

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowAddress {
    /// The address, or `new`.
    #[garde(skip)]
    address_id: String,
}

/// The form for an address.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "address.html")]
struct AddressPage {
    #[serde(skip)]
    shell: Shell,
    #[serde(skip)]
    address: Address,
    /// The countries that can be chosen.
    countries: Vec<CountryView>,
    #[serde(skip)]
    rows: Vec<Vec<FieldView>>,
    #[serde(skip)]
    entered: Entered,
    #[serde(skip)]
    is_new: bool,
    /// Why it was not saved, although no field is wrong.
    #[serde(skip)]
    notice: Option<String>,
}

impl AddressPage {
    fn heading(&self) -> String {
        self.shell.t(if self.is_new { "address-add" } else { "address-edit" })
    }
}

/// Which address a path is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    New,
    Saved(AddressId),
}

impl Target {
    fn of(id: &str) -> Result<Self, Problem> {
        match id {
            "new" => Ok(Self::New),
            id => id.parse().map(Self::Saved).map_err(|_| Problem::not_found("address")),
        }
    }

    /// That of a form, which has no other input than its fields.
    fn of_path(visitor: &Visitor) -> Result<Self, Problem> {
        Self::of(visitor.path.rsplit('/').next().unwrap_or_default())
    }
}

pub fn function() -> Function {
    Function::form("show-address", show, act)
}

async fn show(storefront: Storefront, visit: Visit<ShowAddress>) -> Result<Seen<AddressPage>, Problem> {
    let Some(signed) = storefront.customer(&visit).await? else { return Ok(Seen::See(to_sign_in(&visit.visitor)?)) };
    let entered = Entered::default();
    let (address, entered) = match Target::of(&visit.input.address_id)? {
        Target::New => {
            let name = signed.session.person.name.clone().unwrap_or_default();
            let address = Address { name, ..address::usual(shell::currency(&visit.visitor)) };
            (address, entered.or("key", Some(&storefront.random_text())))
        }
        Target::Saved(id) => {
            let SavedAddress { address, is_default, version, .. } = saved(&storefront, &signed, id).await?;
            (address, entered.or("default", is_default.then_some("1")).or("version", Some(&version.to_string())))
        }
    };
    Ok(Seen::Page(Html::new(page(&storefront, &visit, &signed, address, entered).await?)))
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    signed: &Signed,
    address: Address,
    entered: Entered,
) -> Result<AddressPage, Problem> {
    let is_new = Target::of_path(&visit.visitor)? == Target::New;
    let shell = storefront.shell(&visit.visitor, Some(signed)).await?;
    let (rows, countries) = (address::rows(&address, shell.texts), address::countries(&address.country, shell.texts));
    Ok(AddressPage { shell, address, countries, rows, entered, is_new, notice: None })
}

async fn saved(storefront: &Storefront, signed: &Signed, id: AddressId) -> Result<SavedAddress, Problem> {
    let all = storefront.addresses(signed).await?;
    all.into_iter().find(|saved| saved.id == id).ok_or_else(|| Problem::not_found("address"))
}

async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<AddressPage>, Problem> {
    let Some(signed) = storefront.submitting_customer(&visit).await? else { return Ok(Acted::see(ADDRESSES)) };
    let target = Target::of_path(&visit.visitor)?;
    let address = address::entered(&visit.input);
    let mut entered = Entered::of(&visit.input, &["default", "key", "version"]);
    let is_done = visit.input.text("change").is_none();
    if is_done {
        address::require(&address, &mut entered, Texts::default());
    }
    if !is_done || !entered.is_right() {
        return Ok(Acted::Again(page(&storefront, &visit, &signed, address, entered).await?));
    }
    let body = json!({"address": address, "default": entered.value("default") == "1"});
    let request = match target {
        Target::New => ApiRequest::post("/v1/me/addresses", entered.value("key")),
        Target::Saved(id) => ApiRequest::new(http::Method::PUT, format!("/v1/me/addresses/{id}"))
            .header("if-match", format!("\"{}\"", entered.value("version"))),
    };
    match storefront.users.send::<Value>(signed.with_token(request.json(&body))).await {
        Ok(_) => Ok(Acted::see(format!("{ADDRESSES}?saved=1"))),
        Err(ApiError::Refused(problem)) if matches!(problem.status, 400 | 409 | 412 | 422 | 428) => {
            let page = page(&storefront, &visit, &signed, address, entered).await?;
            refused(&storefront, &visit, &signed, page, &problem).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The form again, with why users refused it.
async fn refused(
    storefront: &Storefront,
    visit: &Visit<Form>,
    signed: &Signed,
    mut page: AddressPage,
    problem: &ApiProblem,
) -> Result<Acted<AddressPage>, Problem> {
    let notice = match (problem.status, Target::of_path(&visit.visitor)?) {
        // The key of the form is spent, or it has none.
        (400 | 422, Target::New) if problem.errors.is_empty() => {
            page.entered.replace("key", storefront.random_text());
            "form-sent"
        }
        (409, _) => "address-too-many",
        (_, Target::Saved(id)) if problem.errors.is_empty() => {
            let current = saved(storefront, signed, id).await?;
            page.entered.replace("version", current.version.to_string());
            "address-changed"
        }
        _ => {
            address::note(&problem.errors, &mut page.entered, page.shell.texts);
            return Ok(Acted::Again(page));
        }
    };
    page.notice = Some(page.shell.t(notice));
    Ok(Acted::Again(page))
}
