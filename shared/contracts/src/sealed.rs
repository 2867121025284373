//! Values that travel encrypted.

use std::{borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A `T` that only services holding the platform's sealing key can read (`lambda::Sealer` seals and
/// opens): addresses and payment references never stand in an event or a log in the clear.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Sealed<T> {
    ciphertext: String,
    #[serde(skip)]
    plain: PhantomData<fn() -> T>,
}

/// What values that go from one service to another are sealed for: whoever opens one says the same.
pub mod sealed_for {
    /// Where an order goes.
    pub const ADDRESS: &str = "address";
    /// The provider's reference of a payment method.
    pub const PAYMENT_METHOD: &str = "payment-method";
}

impl<T> Sealed<T> {
    /// Wraps what a sealer made: base64url of nonce and ciphertext.
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
