//! Encrypted values.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// An encrypted `T`, which only services with the platform's sealing key can read (`lambda::Sealer` seals and opens
/// it). Events and logs contain addresses and payment references only in this form.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Sealed<T> {
    ciphertext: String,
    #[serde(skip)]
    plain: PhantomData<fn() -> T>,
}

/// The sealing purposes of values that one service sends to another. A value must be opened with the purpose that it
/// was sealed with.
pub mod sealed_for {
    /// The shipping address of an order.
    pub const ADDRESS: &str = "address";
    /// The provider's reference of a payment method.
    pub const PAYMENT_METHOD: &str = "payment-method";
    /// The page that a customer returns to. Its query can contain anything.
    pub const RETURN_URL: &str = "return-url";
}

impl<T> Sealed<T> {
    /// Wraps the output of a sealer: nonce and ciphertext, as base64url.
    pub fn from_ciphertext(ciphertext: String) -> Self {
        Self { ciphertext, plain: PhantomData }
    }

    /// The ciphertext, for a sealer to open.
    pub fn ciphertext(&self) -> &str {
        &self.ciphertext
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_ciphertext(self.ciphertext.clone())
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.ciphertext == other.ciphertext
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl<T> JsonSchema for Sealed<T> {
    fn schema_name() -> Cow<'static, str> {
        "Sealed".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}
