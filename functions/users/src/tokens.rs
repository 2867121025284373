//! Access tokens (RFC 9068). They are signed here and verified without a call while the keys are cached.

use std::sync::{Arc, PoisonError, RwLock};

use contracts::{CustomerGroupId, Role, SessionId, UserId, events::users::SigningKeyPublished};
use dynamo::{RequestContext, Table};
use jiff::{SignedDuration, Timestamp};
use lambda::{
    Identity, Problem, Sealer,
    jws::{self, Claims, InvalidToken, JwkSet, SigningKey},
    keyring::{KeyRing, NewKey},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::Account;

/// How long an access token is valid.
pub(crate) const TOKEN_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// The time for which cached keys count as current.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// The minimum time between two reads of the keys because of an unknown key, so that invalid tokens do not cause many
/// reads.
const READ_AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// No cached copy is young enough.
const STORED: SignedDuration = SignedDuration::ZERO;

/// The keys that access tokens are signed with.
type Keys = KeyRing<{ TOKEN_LASTS.as_secs() }>;

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AccessClaims {
    sub: UserId,
    roles: Vec<Role>,
    /// The id of the session.
    sid: SessionId,
    /// The customer groups. Tokens that were issued before there were groups do not have them.
    #[serde(default)]
    groups: Vec<CustomerGroupId>,
    /// Whether the e-mail address was proved. Tokens that were issued before do not say so.
    #[serde(default)]
    verified: bool,
    iat: i64,
    exp: i64,
    jti: String,
}

/// The user that a token is issued for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) user: UserId,
    pub(crate) roles: &'a [Role],
    /// The customer groups. A guest has none.
    pub(crate) groups: &'a [CustomerGroupId],
}

impl<'a> Holder<'a> {
    /// A guest.
    pub(crate) const fn guest(user: UserId) -> Self {
        Self { user, roles: &[Role::Guest], groups: &[] }
    }

    /// The owner of an account.
    pub(crate) fn of(account: &'a Account) -> Self {
        Self { user: account.id, roles: &account.roles, groups: &account.groups }
    }
}

impl Claims for AccessClaims {
    const TYPE: &'static str = "at+jwt";
    const ISSUER: &'static str = "users";
    const AUDIENCE: Option<&'static str> = None;

    fn issued_at(&self) -> i64 {
        self.iat
    }

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

/// Issues and verifies access tokens.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    table: Table,
    sealer: Sealer,
    stage: String,
    keys: Arc<RwLock<Option<Copied>>>,
}

/// Cached keys, and the time at which they were read.
#[derive(Debug, Clone)]
struct Copied {
    ring: Arc<Keys>,
    at: Timestamp,
}

impl Tokens {
    /// Creates a handle for one stage. Tokens of other stages are invalid.
    pub(crate) fn new(table: Table, sealer: Sealer, stage: &str) -> Self {
        Self { table, sealer, stage: stage.to_owned(), keys: Arc::default() }
    }

    /// Signs a token for a user's session.
    pub(crate) async fn issue(
        &self,
        holder: Holder<'_>,
        session: SessionId,
        context: &RequestContext,
    ) -> Result<String, Problem> {
        let key = self.signer(context).await?;
        let claims = AccessClaims {
            sub: holder.user,
            roles: holder.roles.to_vec(),
            sid: session,
            groups: holder.groups.to_vec(),
            // No account can prove its e-mail address yet.
            verified: false,
            iat: context.now.as_second(),
            exp: (context.now + TOKEN_LASTS).as_second(),
            jti: context.ids.next::<Uuid>().simple().to_string(),
        };
        key.sign(&claims, &self.stage).map_err(Problem::internal)
    }

    /// Verifies a token and returns its caller.
    ///
    /// # Errors
    /// 401 if the token is invalid.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, Problem> {
        let refused = |reason: InvalidToken| Problem::unauthenticated(reason);
        let kid = jws::key_id(token).map_err(refused)?;
        let x = self.public_key(&kid, now).await?.ok_or_else(|| refused(InvalidToken::UnknownKey))?;
        let claims: AccessClaims = jws::verify(token, &x, &self.stage, now).map_err(refused)?;
        if claims.exp.saturating_sub(claims.iat) > TOKEN_LASTS.as_secs() || claims.jti.is_empty() {
            return Err(refused(InvalidToken::Forged));
        }
        let AccessClaims { sub: id, roles, sid, groups, verified, .. } = claims;
        Ok(Identity { id, roles, session: Some(sid), groups, verified })
    }

    /// The public keys that tokens can be signed with.
    pub(crate) async fn jwk_set(&self, now: Timestamp) -> Result<JwkSet, Problem> {
        Ok(self.ring(KEPT, now).await?.jwk_set(now))
    }

    async fn public_key(&self, kid: &str, now: Timestamp) -> Result<Option<String>, Problem> {
        for age in [KEPT, READ_AGAIN] {
            let ring = self.ring(age, now).await?;
            if let Some(key) = ring.published(now).find(|key| key.kid == kid) {
                return Ok(Some(key.x.clone()));
            }
        }
        Ok(None)
    }

    /// The key to sign with. If there is none yet, it is created.
    async fn signer(&self, context: &RequestContext) -> Result<SigningKey, Problem> {
        for age in [KEPT, STORED] {
            if let Some(key) = self.ring(age, context.now).await?.signer(context.now) {
                return Ok(key.open(&self.sealer)?);
            }
        }
        match self.rotate(context).await {
            // Another process created it between the two reads: load it.
            Err(Problem::AlreadyDone) => Err(Problem::Conflict),
            made => made,
        }
    }

    /// Adds a key to the stored keys.
    ///
    /// # Errors
    /// [`Problem::AlreadyDone`] if it is not yet time.
    pub(crate) async fn rotate(&self, context: &RequestContext) -> Result<SigningKey, Problem> {
        let (ring, key) = (self.ring(STORED, context.now).await?, SigningKey::generate());
        let (mut ring, new) = Keys::clone(&ring).rotate(&key.public(), key.seal(&self.sealer)?, context.now)?;
        let NewKey { kid, x, expires_at } = new;
        let published = SigningKeyPublished { kid, x, expires_at };
        let commit = self.table.commit(context).save(&ring).event(&published);
        ring.version = commit.version();
        commit.run().await?;
        self.keep(ring, context.now);
        Ok(key)
    }

    /// The keys, from a cached copy that is younger than `age`, or from the store. An empty ring is not cached,
    /// because the first key signs at once.
    async fn ring(&self, age: SignedDuration, now: Timestamp) -> Result<Arc<Keys>, Problem> {
        let kept = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.ring.version != 0 && now < kept.at + age) {
            return Ok(kept.ring);
        }
        let ring = Keys::load(&self.table).await?;
        Ok(self.keep(ring, now))
    }

    fn keep(&self, ring: Keys, at: Timestamp) -> Arc<Keys> {
        let ring = Arc::new(ring);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Copied { ring: ring.clone(), at });
        ring
    }
}
