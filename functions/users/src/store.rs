//! The keys and queries of the service's table.

use contracts::{SessionId, UserId};
use dynamo::{Entity, Error, Key, Page, Paging, Sealer, Table};
use jiff::Timestamp;
use lambda::Problem;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    account::Account,
    address_book::AddressBook,
    digests::Digests,
    email::Email,
    groups::Groups,
    session::Session,
    subject::{Subject, SubjectKey},
    wallet::Wallet,
};

impl Entity for Account {
    fn key(&self) -> Key {
        account_key(self.id)
    }

    fn list(&self) -> Option<(String, String)> {
        Some(("users".to_owned(), self.id.to_string()))
    }
}

impl Entity for SubjectKey {
    fn key(&self) -> Key {
        subject_key(self.subject)
    }
}

impl Entity for AddressBook {
    fn key(&self) -> Key {
        addresses_key(self.owner)
    }
}

impl Entity for Wallet {
    fn key(&self) -> Key {
        wallet_key(self.owner)
    }
}

impl Entity for Groups {
    fn key(&self) -> Key {
        groups_key()
    }
}

impl Entity for Session {
    fn key(&self) -> Key {
        session_key(self.id)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

fn account_key(id: UserId) -> Key {
    Key::of("user", id)
}

fn subject_key(id: UserId) -> Key {
    Key::of("subject-key", id)
}

fn addresses_key(owner: UserId) -> Key {
    Key::of("addresses", owner)
}

fn wallet_key(owner: UserId) -> Key {
    Key::of("wallet", owner)
}

fn groups_key() -> Key {
    Key::of("customer-groups", "all")
}

pub(crate) fn session_key(id: SessionId) -> Key {
    Key::of("session", id)
}

/// The user with an e-mail address.
#[derive(Deserialize)]
struct Claimed {
    holder: UserId,
}

/// The table of the service.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    table: Table,
    sealer: Sealer,
    digests: Digests,
}

impl Store {
    pub(crate) fn new(table: Table, sealer: Sealer, digests: Digests) -> Self {
        Self { table, sealer, digests }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// Creates a key for the personal data of a user, and the handle that seals with it.
    pub(crate) fn new_subject(&self, id: UserId) -> Result<(SubjectKey, Subject), Problem> {
        let key = SubjectKey::generate(id, &self.sealer)?;
        let subject = key.open(&self.sealer)?;
        Ok((key, subject))
    }

    /// The key of the claim to an e-mail address. It does not reveal the address.
    pub(crate) fn email_key(&self, email: &Email) -> Key {
        Key::of("email", self.digests.name("email", email.as_str()))
    }

    /// The user with an e-mail address.
    pub(crate) async fn holder(&self, email: &Email) -> Result<Option<UserId>, Error> {
        let claimed: Option<Claimed> = self.table.get(&self.email_key(email)).await?;
        Ok(claimed.map(|claimed| claimed.holder))
    }

    /// An account, and the handle that opens its profile.
    pub(crate) async fn account(&self, id: UserId) -> Result<Option<(Account, Subject)>, Problem> {
        let (account, subject) = self.opened(id, account_key(id)).await?;
        Ok(account.zip(subject))
    }

    /// A user's addresses, and the handle that opens them. `None` without an account.
    pub(crate) async fn addresses(&self, owner: UserId) -> Result<Option<(AddressBook, Subject)>, Problem> {
        let (book, subject) = self.opened(owner, addresses_key(owner)).await?;
        Ok(subject.map(|subject| (book.unwrap_or_else(|| AddressBook::new(owner)), subject)))
    }

    /// A user's payment methods, and the handle that opens them. `None` without an account.
    pub(crate) async fn wallet(&self, owner: UserId) -> Result<Option<(Wallet, Subject)>, Problem> {
        let (wallet, subject) = self.opened(owner, wallet_key(owner)).await?;
        Ok(subject.map(|subject| (wallet.unwrap_or_else(|| Wallet::new(owner)), subject)))
    }

    /// All customer groups.
    pub(crate) async fn groups(&self) -> Result<Groups, Error> {
        Ok(self.table.get(&groups_key()).await?.unwrap_or_default())
    }

    /// An account that is not being erased, and all customer groups, in one call.
    pub(crate) async fn account_and_groups(&self, id: UserId) -> Result<(Option<Account>, Groups), Error> {
        let mut rows = self.table.get_rows(&[account_key(id), subject_key(id), groups_key()]).await?;
        let (account, subject): (Option<Account>, Option<SubjectKey>) =
            (rows.take_one("user")?, rows.take_one("subject-key")?);
        Ok((account.filter(|_| subject.is_some()), rows.take_one("customer-groups")?.unwrap_or_default()))
    }

    /// Accounts, newest first, each with the handle that opens its profile.
    pub(crate) async fn accounts(&self, paging: &Paging) -> Result<Page<(Account, Subject)>, Problem> {
        let with_subjects = |accounts: Vec<Account>| async move {
            let keys: Vec<_> = accounts.iter().map(|account| subject_key(account.id)).collect();
            let keys: Vec<SubjectKey> = self.table.get_many(&keys).await?;
            let with_subject = |account: Account| {
                // A user who is being erased has no key any more.
                let Some(key) = keys.iter().find(|key| key.subject == account.id) else { return Ok(None) };
                Ok(Some((account, key.open(&self.sealer)?)))
            };
            accounts.into_iter().map(with_subject).collect()
        };
        self.table.list("users").newest_first().page_of(paging, with_subjects).await
    }

    /// The account with an e-mail address, as a page.
    pub(crate) async fn accounts_of(
        &self,
        email: &Email,
        paging: &Paging,
    ) -> Result<Page<(Account, Subject)>, Problem> {
        let account = match self.holder(email).await? {
            Some(holder) => self.account(holder).await?,
            None => None,
        };
        let found = account.into_iter().collect();
        Ok(self.table.slice("accounts of an address", found, |(account, _)| account.id.to_string(), paging)?)
    }

    pub(crate) async fn session(&self, id: SessionId) -> Result<Option<Session>, Error> {
        self.table.get(&session_key(id)).await
    }

    async fn opened<T: DeserializeOwned>(&self, id: UserId, key: Key) -> Result<(Option<T>, Option<Subject>), Problem> {
        let kind = key.kind().to_owned();
        let mut rows = self.table.get_rows(&[key, subject_key(id)]).await?;
        let subject: Option<SubjectKey> = rows.take_one("subject-key")?;
        Ok((rows.take_one(&kind)?, subject.map(|key| key.open(&self.sealer)).transpose()?))
    }
}
