//! The session of a visitor: who it is, and the tokens with which the shop acts for that visitor.
//!
//! The browser has a random value in a cookie, and the table has the session under its digest. Tokens never reach the browser.

use std::fmt::Write as _;

use contracts::{CartId, Role, Sealed, UserId};
use dynamo::{Entity, Key, Version, by_age};
use jiff::{SignedDuration, Timestamp};
use lambda::{SealError, Sealer, Visitor};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::{device, method::Method};

/// The time for which a session is kept after its last use.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The time before the end of an access token at which it is replaced.
const REPLACED_BEFORE: SignedDuration = SignedDuration::from_secs(60);
/// The time for which a browser keeps the cookie: the longest that one does. The table decides when a session ends.
const COOKIE_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// The time after the end of a session until the table may remove it.
const REMOVED_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The name of the cookie. A browser accepts it from this host only, over HTTPS or from its own machine.
pub(crate) const COOKIE: &str = "__Host-souk";
/// What the tokens are sealed for.
const TOKENS: &str = "storefront-tokens";
/// What the payment method is sealed for.
const METHOD: &str = "storefront-method";

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// The digest of the cookie's value.
    pub(crate) id: String,
    tokens: Sealed<Tokens>,
    /// The end of the access token.
    access_until: Timestamp,
    pub(crate) person: Person,
    /// The cart, once something was put into it.
    pub(crate) basket: Option<CartId>,
    /// The payment method that was chosen in the checkout.
    #[serde(default)]
    method: Option<Sealed<Method>>,
    /// The browser and its system, as far as they are known.
    pub(crate) device: Option<String>,
    /// When it was started.
    pub(crate) started: Timestamp,
    /// When its tokens were made. A session in use gets new ones every ten minutes.
    pub(crate) seen: Timestamp,
    pub(crate) version: Version,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tokens {
    access: String,
    refresh: String,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    /// `None` for a guest.
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) roles: Vec<Role>,
}

/// What users answers when a session starts or goes on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    refresh_token: String,
    /// In seconds.
    expires_in: i64,
    user: Person,
}

impl Entity for Session {
    fn key(&self) -> Key {
        session_key(&self.id)
    }

    /// Those of an account by age.
    fn list(&self) -> Option<(String, String)> {
        let is_account = !self.is_guest();
        is_account.then(|| (sessions_of(self.person.id), by_age(self.started, &self.id)))
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.seen + KEPT + REMOVED_AFTER)
    }
}

pub(crate) fn session_key(id: &str) -> Key {
    Key::of("session", id)
}

/// The list of the sessions of an account.
pub(crate) fn sessions_of(account: UserId) -> String {
    format!("sessions#{account}")
}

/// The digest of a cookie's value.
pub(crate) fn id_of(cookie: &str) -> String {
    digest(&SHA256, cookie.as_bytes()).as_ref().iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The header that gives a browser its cookie.
pub(crate) fn set_cookie(value: &str) -> String {
    format!("{COOKIE}={value}; Path=/; Max-Age={}; HttpOnly; Secure; SameSite=Lax", COOKIE_KEPT.as_secs())
}

/// The header that takes it away.
pub(crate) fn clear_cookie() -> String {
    format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax")
}

impl Session {
    /// A new session under a cookie's value.
    pub(crate) fn start(cookie: &str, granted: Granted, sealer: &Sealer, now: Timestamp) -> Result<Self, SealError> {
        let (tokens, access_until, person) = granted.sealed(sealer, now)?;
        Ok(Self {
            id: id_of(cookie),
            tokens,
            access_until,
            person,
            basket: None,
            method: None,
            device: None,
            started: now,
            seen: now,
            version: Version::default(),
        })
    }

    /// The same session in the browser of a visitor.
    pub(crate) fn on_device_of(self, visitor: &Visitor) -> Self {
        Self { device: visitor.user_agent.as_deref().and_then(device::named), ..self }
    }

    /// The same session with new tokens.
    pub(crate) fn renewed(self, granted: Granted, sealer: &Sealer, now: Timestamp) -> Result<Self, SealError> {
        let (tokens, access_until, person) = granted.sealed(sealer, now)?;
        Ok(Self { tokens, access_until, person, seen: now, ..self })
    }

    /// The same session at another version.
    pub(crate) fn at(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// The same session with a cart.
    pub(crate) fn with_basket(self, basket: CartId) -> Self {
        Self { basket: Some(basket), ..self }
    }

    /// The same session with a payment method.
    pub(crate) fn with_method(self, method: &Method, sealer: &Sealer) -> Result<Self, SealError> {
        Ok(Self { method: Some(sealer.seal(METHOD, method)?), ..self })
    }

    /// The payment method that was chosen.
    pub(crate) fn method(&self, sealer: &Sealer) -> Result<Option<Method>, SealError> {
        self.method.as_ref().map(|method| sealer.open(METHOD, method)).transpose()
    }

    /// The same session, which users has ended. The table removes it as one that was unused for too long.
    pub(crate) fn ended(self, now: Timestamp) -> Self {
        Self { seen: now - KEPT, ..self }
    }

    /// Whether it has been unused for too long. The table may still have it.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.seen + KEPT <= now
    }

    /// Whether its access token must be replaced.
    pub(crate) fn is_stale(&self, now: Timestamp) -> bool {
        self.access_until <= now + REPLACED_BEFORE
    }

    pub(crate) fn access_token(&self, sealer: &Sealer) -> Result<String, SealError> {
        Ok(sealer.open(TOKENS, &self.tokens)?.access)
    }

    pub(crate) fn refresh_token(&self, sealer: &Sealer) -> Result<String, SealError> {
        Ok(sealer.open(TOKENS, &self.tokens)?.refresh)
    }

    /// The secret field of a form at a path, which only a page of this session has.
    pub(crate) fn form_token(&self, path: &str, sealer: &Sealer) -> String {
        sealer.fingerprint("storefront-form", format!("{}#{path}", self.id).as_bytes())
    }

    /// Whose cart it is, if it is an account's.
    pub(crate) fn own_basket(&self) -> Option<(UserId, CartId)> {
        Some((self.person.id, self.basket?)).filter(|_| !self.is_guest())
    }

    /// Whether it is a guest's.
    pub(crate) fn is_guest(&self) -> bool {
        self.person.roles.contains(&Role::Guest)
    }
}

impl Granted {
    fn sealed(self, sealer: &Sealer, now: Timestamp) -> Result<(Sealed<Tokens>, Timestamp, Person), SealError> {
        let tokens = Tokens { access: self.access_token, refresh: self.refresh_token };
        let until = now + SignedDuration::from_secs(self.expires_in);
        Ok((sealer.seal(TOKENS, &tokens)?, until, self.user))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn sealer() -> Sealer {
        Sealer::new(b"a secret of at least thirty-two characters")
    }

    fn granted(access: &str) -> Granted {
        let user = Person { id: Uuid::nil().into(), name: None, email: None, roles: vec![Role::Guest] };
        Granted { access_token: access.to_owned(), refresh_token: "refresh".to_owned(), expires_in: 600, user }
    }

    fn started() -> Session {
        Session::start("cookie", granted("access"), &sealer(), NOW).unwrap()
    }

    #[test]
    fn what_is_stored_tells_neither_the_cookie_nor_a_token() {
        let stored = serde_json::to_string(&started()).unwrap();
        for secret in ["cookie", "\"access\"", "\"refresh\""] {
            assert!(!stored.contains(secret), "{secret}: {stored}");
        }
        assert_eq!(started().id, id_of("cookie"));
        assert_ne!(started().id, id_of("Cookie"));
        assert_eq!(started().access_token(&sealer()).unwrap(), "access");
        assert_eq!(started().refresh_token(&sealer()).unwrap(), "refresh");
    }

    #[test]
    fn the_payment_method_is_kept_and_not_told() {
        let session = started().with_method(&Method::test("pm_card_visa"), &sealer()).unwrap();
        assert_eq!(session.method(&sealer()).unwrap(), Some(Method::test("pm_card_visa")));
        assert!(!serde_json::to_string(&session).unwrap().contains("pm_card_visa"));
        assert_eq!(started().method(&sealer()).unwrap(), None);
        // A session of an older release has none.
        let mut older = serde_json::to_value(started()).unwrap();
        older.as_object_mut().unwrap().remove("method");
        let older: Session = serde_json::from_value(older).unwrap();
        assert_eq!(older.method(&sealer()).unwrap(), None);
    }

    #[test]
    fn a_token_is_replaced_a_minute_before_its_end() {
        let session = started();
        let at = |seconds| NOW + SignedDuration::from_secs(seconds);
        assert_eq!((session.is_stale(at(539)), session.is_stale(at(540))), (false, true));
        let renewed = session.renewed(granted("next"), &sealer(), at(540)).unwrap();
        assert_eq!((renewed.is_stale(at(540)), renewed.access_token(&sealer()).unwrap().as_str()), (false, "next"));
    }

    #[test]
    fn a_session_ends_thirty_days_after_its_last_use() {
        let day = |days: i64| NOW + SignedDuration::from_hours(24 * days);
        assert_eq!((started().has_ended(day(29)), started().has_ended(day(30))), (false, true));
        let renewed = started().renewed(granted("next"), &sealer(), day(20)).unwrap();
        assert!(!renewed.has_ended(day(49)));
    }

    #[test]
    fn a_form_belongs_to_its_session_and_its_path() {
        let (one, other) = (started(), Session { id: id_of("other"), ..started() });
        let token = one.form_token("/basket", &sealer());
        assert_eq!(token, one.form_token("/basket", &sealer()));
        assert_ne!(token, one.form_token("/orders", &sealer()));
        assert_ne!(token, other.form_token("/basket", &sealer()));
    }

    #[test]
    fn no_script_reads_the_cookie_and_no_other_host_gets_it() {
        let cookie = set_cookie("abc");
        assert!(cookie.starts_with("__Host-souk=abc; Path=/; "), "{cookie}");
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Max-Age=34560000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(clear_cookie().contains("Max-Age=0"));
    }
}
