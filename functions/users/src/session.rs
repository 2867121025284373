//! A session: one sign-in on one device, with its refresh tokens.

use contracts::{SessionId, UserId};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{digests::Digests, refresh_token::RefreshToken};

/// The time after which a session ends, even if it is refreshed.
const LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The time in which a client that lost the reply may send the same token again.
const RETRY: SignedDuration = SignedDuration::from_secs(10);

/// A session. Signing out deletes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    /// Whether it is the session of a guest.
    pub(crate) guest: bool,
    /// The hash of the valid token.
    current: String,
    /// The hash of the token before it.
    spent: Option<String>,
    rotated_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) version: Version,
}

/// The result of a refresh with a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refreshed {
    /// The successor, which is now the valid token.
    Rotated(Session, RefreshToken),
    /// The successor that an earlier request with the same token got.
    Again(Session, RefreshToken),
}

/// The reason why a session cannot be refreshed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The session has ended.
    Ended,
    /// The token was already used. Another client has it too, and the two cannot be told apart.
    Reused,
}

impl Session {
    /// Begins a session with its first token.
    pub(crate) fn begin(token: &RefreshToken, user: UserId, guest: bool, now: Timestamp) -> Self {
        Self {
            id: token.session,
            user,
            guest,
            current: token.hash(),
            spent: None,
            rotated_at: now,
            ends_at: now + LASTS,
            version: Version::default(),
        }
    }

    /// Exchanges a token for its successor.
    pub(crate) fn refresh(
        mut self,
        token: &RefreshToken,
        digests: &Digests,
        now: Timestamp,
    ) -> Result<Refreshed, Rejection> {
        let (hash, successor) = (token.hash(), token.successor(digests));
        if self.ends_at <= now {
            Err(Rejection::Ended)
        } else if self.current == hash {
            self.spent = Some(std::mem::replace(&mut self.current, successor.hash()));
            self.rotated_at = now;
            Ok(Refreshed::Rotated(self, successor))
        } else if self.spent == Some(hash) && now <= self.rotated_at + RETRY {
            Ok(Refreshed::Again(self, successor))
        } else {
            Err(Rejection::Reused)
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::{START, user};
    use uuid::Uuid;

    use super::*;

    fn digests() -> Digests {
        Digests::new(b"secret")
    }

    fn begun() -> (Session, RefreshToken) {
        let token = RefreshToken::generate(Uuid::from_u128(1).into());
        (Session::begin(&token, user(1), false, START), token)
    }

    fn rotated(session: Session, token: &RefreshToken, now: Timestamp) -> (Session, RefreshToken) {
        match session.refresh(token, &digests(), now) {
            Ok(Refreshed::Rotated(session, token)) => (session, token),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_token_is_good_once() {
        let (session, first) = begun();
        let (session, second) = rotated(session, &first, START);
        let (session, third) = rotated(session, &second, START);
        assert_eq!(session.clone().refresh(&first, &digests(), START), Err(Rejection::Reused));
        rotated(session, &third, START);
    }

    #[test]
    fn a_retry_in_time_gets_the_same_successor() {
        let (session, first) = begun();
        let (session, second) = rotated(session, &first, START);
        let again = session.clone().refresh(&first, &digests(), START + RETRY);
        assert_eq!(again, Ok(Refreshed::Again(session.clone(), second)));
        let late = START + RETRY + SignedDuration::from_millis(1);
        assert_eq!(session.refresh(&first, &digests(), late), Err(Rejection::Reused));
    }

    #[test]
    fn a_session_ends_however_often_it_is_refreshed() {
        let (session, first) = begun();
        let (session, second) = rotated(session, &first, START + SignedDuration::from_hours(24 * 29));
        assert_eq!(session.refresh(&second, &digests(), START + LASTS), Err(Rejection::Ended));
    }
}
