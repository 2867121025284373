//! Refresh tokens. They are opaque to clients, random, and verifiably made by this service.
//!
//! A token contains the id of its session, 256 secret bits and a keyed hash of both. The hash separates a token that
//! was once valid from one that never was. Only the reuse of the former is a sign of theft, so a guess cannot end the
//! session of another user. The successor is derived from the token that it replaces, so a client that lost the reply
//! gets the same successor again, although only hashes are stored.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::SessionId;
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;

use crate::digests::Digests;

/// A refresh token of a session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first token of a session.
    ///
    /// # Panics
    /// If the operating system returns no random bytes. The randomness of a call is not used, because it is not
    /// secret.
    pub(crate) fn generate(session: SessionId) -> Self {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).expect("the operating system gives random bytes");
        Self { session, secret }
    }

    /// The successor. It is always the same for a token.
    pub(crate) fn successor(&self, digests: &Digests) -> Self {
        Self { session: self.session, secret: digests.of("refresh-token successor", &self.bytes()) }
    }

    /// The hash that is stored. The secret has 256 bits, so a hash without a key does not reveal it.
    pub(crate) fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.bytes()))
    }

    /// The token, as clients receive it.
    pub(crate) fn text(&self, digests: &Digests) -> String {
        let bytes = self.bytes();
        URL_SAFE_NO_PAD.encode([bytes.as_slice(), &digests.of("refresh-token", &bytes)].concat())
    }

    /// Reads a token that this service made.
    pub(crate) fn read(text: &str, digests: &Digests) -> Option<Self> {
        let bytes: [u8; 80] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (token, hash) = bytes.split_at(48);
        if !digests.matches("refresh-token", token, hash) {
            return None;
        }
        let (session, secret) = token.split_at(16);
        let session = Uuid::from_slice(session).ok()?.into();
        Some(Self { session, secret: secret.try_into().ok()? })
    }

    fn bytes(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(self.session.uuid().as_bytes());
        bytes[16..].copy_from_slice(&self.secret);
        bytes
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("session", &self.session).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::generate(Uuid::from_u128(1).into())
    }

    #[test]
    fn a_token_reads_back_from_its_text() {
        let (digests, token) = (Digests::new(b"secret"), token());
        assert_eq!(RefreshToken::read(&token.text(&digests), &digests), Some(token));
    }

    #[test]
    fn what_was_not_made_here_is_no_token() {
        let digests = Digests::new(b"secret");
        let good = token().text(&digests);
        let other = token().text(&Digests::new(b"another secret"));
        let changed = format!("{}{}", if good.starts_with('A') { 'B' } else { 'A' }, &good[1..]);
        for text in ["", "nonsense", &good[1..], &other, &changed, &format!("{good}AAAA")] {
            assert_eq!(RefreshToken::read(text, &digests), None, "{text}");
        }
    }

    #[test]
    fn a_token_has_one_successor() {
        let (digests, token) = (Digests::new(b"secret"), token());
        assert_eq!(token.successor(&digests), token.successor(&digests));
        assert_ne!(token.successor(&digests), token);
        assert_ne!(token.successor(&digests).hash(), token.hash());
    }
}
