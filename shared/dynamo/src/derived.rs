//! Ids that are derived from idempotency keys.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use uuid::Uuid;

use crate::IdempotencyKey;

/// Derives ids from idempotency keys (HMAC-SHA-256, `UUIDv8`). The ids contain no time.
#[derive(Clone)]
pub struct DerivedIds {
    secret: hmac::Key,
}

impl DerivedIds {
    /// Derives ids with a secret. The secret must never change: with another secret, a repeated request gets another id.
    pub fn new(secret: &[u8]) -> Self {
        Self { secret: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    pub(crate) fn fingerprint(&self, request: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.sign(b"request\0", request))
    }

    fn sign(&self, purpose: &[u8], bytes: &[u8]) -> hmac::Tag {
        hmac::sign(&self.secret, &[purpose, bytes].concat())
    }

    pub(crate) fn derive(&self, key: &IdempotencyKey) -> Uuid {
        let tag = self.sign(b"id\0", key.key.as_bytes());
        uuid::Builder::from_custom_bytes(tag.as_ref().first_chunk().copied().unwrap_or_default()).into_uuid()
    }
}

impl fmt::Debug for DerivedIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedIds(…)")
    }
}

/// The kind of entity whose ids are derived, and the form of the ids.
#[derive(Debug, Clone)]
pub(crate) struct Creates {
    pub(crate) kind: &'static str,
    pub(crate) name: fn(Uuid) -> String,
    pub(crate) ids: DerivedIds,
}
