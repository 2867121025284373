//! Users, sessions, accounts, addresses and payment methods as callers see them.

use addresses::AddressWarning;
use contracts::{Address, AddressId, CustomerGroupId, Language, PaymentMethodId, Role, UserId};
use lambda::{Problem, Time};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Users,
    account::Account,
    address_book::{AddressBook, SavedAddress},
    email::Email,
    groups::Group,
    refresh_token::RefreshToken,
    subject::{Profile, Subject},
    tokens::TOKEN_LASTS,
    wallet::PaymentMethod,
};

/// The caller's own profile. A guest has no e-mail address, no name and no language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    /// The caller's id.
    pub(crate) id: UserId,
    /// The e-mail address.
    pub(crate) email: Option<Email>,
    /// The name.
    pub(crate) name: Option<String>,
    /// The language of messages to the user.
    pub(crate) language: Option<Language>,
    /// The roles.
    pub(crate) roles: Vec<Role>,
}

impl UserView {
    pub(crate) fn of(account: &Account, subject: &Subject) -> Result<Self, Problem> {
        let Profile { email, name, language } = subject.open(&account.profile)?;
        let (email, name, language) = (Some(email), Some(name), Some(language));
        Ok(Self { id: account.id, email, name, language, roles: account.roles.clone() })
    }

    pub(crate) fn guest(id: UserId) -> Self {
        Self { id, email: None, name: None, language: None, roles: vec![Role::Guest] }
    }
}

/// A session, with its tokens.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    /// The access token, to be sent with each request: `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// The refresh token. It can be exchanged once for a new access token and refresh token.
    refresh_token: String,
    user: UserView,
}

impl SessionView {
    pub(crate) fn new(access_token: String, refresh_token: &RefreshToken, user: UserView, users: &Users) -> Self {
        let refresh_token = refresh_token.text(&users.digests);
        Self { access_token, token_type: "Bearer", expires_in: TOKEN_LASTS.as_secs(), refresh_token, user }
    }
}

/// An account, for administrators and support.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView {
    id: UserId,
    email: Email,
    name: String,
    roles: Vec<Role>,
    registered_at: Time,
    /// The version of the account. Send it in double quotes as `If-Match`: `"3"` for version 3.
    version: u64,
}

impl AccountView {
    pub(crate) fn of(account: &Account, subject: &Subject) -> Result<Self, Problem> {
        let Profile { email, name, .. } = subject.open(&account.profile)?;
        let Account { id, registered_at, .. } = *account;
        let (registered_at, version) = (registered_at.into(), account.version.number());
        Ok(Self { id, email, name, roles: account.roles.clone(), registered_at, version })
    }
}

/// A customer group.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerGroupView {
    id: CustomerGroupId,
    name: String,
}

impl From<Group> for CustomerGroupView {
    fn from(Group { id, name }: Group) -> Self {
        Self { id, name }
    }
}

/// A saved address of the caller.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressView {
    id: AddressId,
    address: Address,
    /// Whether this is the default address.
    default: bool,
    /// Warnings about the address, for display.
    problems: Vec<AddressWarning>,
    /// The version of the address. Send it in double quotes as `If-Match`: `"3"` for version 3.
    version: u64,
}

impl AddressView {
    pub(crate) fn of(saved: &SavedAddress, book: &AddressBook, subject: &Subject) -> Result<Self, Problem> {
        let address = subject.open(&saved.sealed)?;
        let (default, problems) = (book.default == Some(saved.id), addresses::warnings(&address));
        Ok(Self { id: saved.id, address, default, problems, version: saved.revision })
    }
}

/// A saved payment method of the caller.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentMethodView {
    id: PaymentMethodId,
    /// The payment provider's reference. Send it to place an order.
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
