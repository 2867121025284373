//! What every page has around its content: header, aisles, footer, language and currency.

use std::fmt::Display;

use contracts::{CategoryId, Currency, Language, Money, ProductId};
use jiff::Timestamp;
use lambda::{Sealer, Visitor};

use crate::{
    Storefront,
    aisle::Aisles,
    assets,
    desk::{DESKS, Desk},
    link, money,
    session::{COOKIE, Session, id_of},
    signed::Signed,
    store::Around,
    texts::Texts,
};

/// The cookie with the currency that a visitor chose. It is no secret and says nothing about the visitor.
pub(crate) const CURRENCY_COOKIE: &str = "currency";

/// What every page has around its content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shell {
    pub(crate) texts: Texts,
    pub(crate) currency: Option<Currency>,
    pub(crate) departments: Vec<Department>,
    /// The class with the colour of the department that the page is in.
    pub(crate) hue: &'static str,
    /// The path of the page.
    pub(crate) path: String,
    /// The path of the page with its query.
    pub(crate) here: String,
    /// The address of the page, for search engines.
    pub(crate) canonical: String,
    /// What was searched for.
    pub(crate) searched: String,
    /// The visitor's session, and what makes the tokens of its forms.
    session: Option<(Session, Sealer)>,
}

/// A department in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Department {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) hue: &'static str,
    pub(crate) is_current: bool,
}

impl Shell {
    /// The surroundings of a page in an aisle, or in none.
    pub(crate) fn of(visitor: &Visitor, aisles: &Aisles, aisle: Option<CategoryId>) -> Self {
        let current = aisle.and_then(|id| aisles.way(id).first().map(|(id, _)| *id));
        let department = |(id, aisle): (CategoryId, &crate::aisle::Aisle)| Department {
            name: aisle.name.clone(),
            path: link::aisle(id, &aisle.name),
            hue: aisles.hue(id),
            is_current: Some(id) == current,
        };
        Self {
            texts: Texts(language(visitor)),
            currency: Some(currency(visitor)),
            departments: aisles.departments().map(department).collect(),
            hue: aisle.map(|id| aisles.hue(id)).unwrap_or_default(),
            path: visitor.path.clone(),
            here: visitor.here(),
            canonical: format!("{}{}", visitor.origin, visitor.path),
            searched: String::new(),
            session: None,
        }
    }

    /// The surroundings of a visitor with a session.
    #[must_use]
    pub(crate) fn with_session(self, signed: Option<&Signed>, sealer: &Sealer) -> Self {
        self.with_known(signed.map(|signed| signed.session.clone()), sealer)
    }

    /// The surroundings of a visitor with a session, on a page that needs no access token.
    #[must_use]
    pub(crate) fn with_known(self, session: Option<Session>, sealer: &Sealer) -> Self {
        Self { session: session.map(|session| (session, sealer.clone())), ..self }
    }

    /// Whether the visitor has an account and is signed in.
    pub(crate) fn has_account(&self) -> bool {
        self.session.as_ref().is_some_and(|(session, _)| !session.is_guest())
    }

    /// Whether the visitor is a guest with a session, who may have ordered in this browser.
    pub(crate) fn is_known_guest(&self) -> bool {
        self.session.as_ref().is_some_and(|(session, _)| session.is_guest())
    }

    /// The path of signing in, from where the visitor comes back to this page.
    pub(crate) fn sign_in(&self) -> String {
        let is_entry = ["/sign-in", "/register", "/sign-out"].contains(&self.path.as_str());
        link::sign_in(if is_entry { "/" } else { &self.here })
    }

    /// The secret field of a form at a path. Empty without a session.
    pub(crate) fn form_token(&self, path: &str) -> String {
        self.session.as_ref().map(|(session, sealer)| session.form_token(path, sealer)).unwrap_or_default()
    }

    /// The currency that prices are shown in.
    pub(crate) fn currency(&self) -> Currency {
        self.currency.unwrap_or(money::CHOICES[0])
    }

    /// The currencies that can be chosen: code and name.
    pub(crate) fn currencies(&self) -> Vec<(&'static str, String)> {
        let code = |currency: Currency| currency.code();
        money::CHOICES
            .map(code)
            .into_iter()
            .map(|code| (code, self.t(&format!("currency-{}", code.to_lowercase()))))
            .collect()
    }

    /// The pages of an account: path, name, and whether this page is it or below it.
    pub(crate) fn account_pages(&self) -> [(&'static str, String, bool); 4] {
        let page = |path: &'static str, key: &str| {
            let is_below = path != "/account" && self.path.starts_with(path);
            (path, self.t(key), is_below || self.path == path)
        };
        [
            page("/account", "account-profile"),
            page("/account/addresses", "addresses"),
            page("/account/payment-methods", "payment-methods"),
            page("/account/sessions", "sessions"),
        ]
    }

    /// The desks at which the visitor works: path and name. The name is short if there is one.
    pub(crate) fn desks(&self) -> Vec<(&'static str, String)> {
        let desks = self.own_desks();
        let name = |desk: &Desk| self.t(if desks.len() == 1 { "desk" } else { desk.name });
        desks.iter().map(|desk| (desk.path, name(desk))).collect()
    }

    /// The same without the desk that the page belongs to.
    pub(crate) fn other_desks(&self) -> Vec<(&'static str, String)> {
        let here = Desk::at(&self.path).map(|desk| desk.path);
        let others = self.own_desks().into_iter().filter(|desk| Some(desk.path) != here);
        others.map(|desk| (desk.path, self.t(desk.name))).collect()
    }

    fn own_desks(&self) -> Vec<&'static Desk> {
        let Some((session, _)) = &self.session else { return Vec::new() };
        DESKS.iter().filter(|desk| desk.is_for(session)).collect()
    }

    /// The name of the desk that the page belongs to.
    pub(crate) fn desk_name(&self) -> String {
        Desk::at(&self.path).map(|desk| self.t(desk.name)).unwrap_or_default()
    }

    /// The pages of the desk that the page belongs to: path, name, and whether this page is it or below it.
    pub(crate) fn desk_pages(&self) -> Vec<(&'static str, String, bool)> {
        let Some(desk) = Desk::at(&self.path) else { return Vec::new() };
        let current = desk.page(&self.path);
        desk.pages.iter().map(|(path, name)| (*path, self.t(name), Some(*path) == current)).collect()
    }

    /// A text.
    pub(crate) fn t(&self, key: &str) -> String {
        self.texts.plain(key)
    }

    /// The name of a language.
    pub(crate) fn language(&self, language: Language) -> String {
        self.t(&format!("language-{}", language.as_str()))
    }

    /// A text with a number in it.
    pub(crate) fn n(&self, key: &str, count: impl TryInto<u64>) -> String {
        self.texts.counted(key, count.try_into().unwrap_or_default())
    }

    /// A text with another one in it.
    pub(crate) fn w(&self, key: &str, name: &'static str, value: impl Display) -> String {
        self.texts.with(key, name, &value)
    }

    /// In how many seconds or minutes another attempt can succeed.
    pub(crate) fn wait(&self, seconds: u64) -> String {
        if seconds < 60 { self.n("wait-seconds", seconds.max(1)) } else { self.n("wait-minutes", seconds.div_ceil(60)) }
    }

    /// The path of an asset.
    #[expect(clippy::unused_self, reason = "templates have nothing else to ask")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// An amount.
    #[expect(clippy::unused_self, reason = "templates have nothing else to ask")]
    pub(crate) fn money(&self, amount: Money) -> String {
        money::shown(amount)
    }
}

impl Storefront {
    /// What is read for a page that does nothing with the visitor's session but show it.
    pub(crate) async fn around(
        &self,
        visitor: &Visitor,
        products: &[ProductId],
        now: Timestamp,
    ) -> Result<Around, dynamo::Error> {
        let id = visitor.cookie(COOKIE).map(id_of);
        let around = self.store.around(products, id.as_deref()).await?;
        Ok(Around { session: around.session.filter(|session| !session.has_ended(now)), ..around })
    }

    /// The surroundings of such a page, which is in no aisle.
    pub(crate) async fn visited(&self, visitor: &Visitor, now: Timestamp) -> Result<Shell, dynamo::Error> {
        let Around { aisles, session, .. } = self.around(visitor, &[], now).await?;
        Ok(Shell::of(visitor, &aisles, None).with_known(session, &self.sealer))
    }

    /// The surroundings of a page that is in no aisle.
    pub(crate) async fn shell(&self, visitor: &Visitor, signed: Option<&Signed>) -> Result<Shell, dynamo::Error> {
        Ok(Shell::of(visitor, &self.store.aisles().await?, None).with_session(signed, &self.sealer))
    }
}

/// The language that a visitor prefers.
pub(crate) fn language(visitor: &Visitor) -> Language {
    visitor.accept_language.as_deref().and_then(Language::accepted).unwrap_or_default()
}

/// The currency that a visitor chose.
pub(crate) fn currency(visitor: &Visitor) -> Currency {
    let chosen = visitor.cookie(CURRENCY_COOKIE);
    let chosen = chosen.and_then(|chosen| money::CHOICES.into_iter().find(|currency| currency.code() == chosen));
    chosen.unwrap_or(money::CHOICES[0])
}
