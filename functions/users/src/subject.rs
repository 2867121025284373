//! A person's own key: everything personal is sealed with it, so that deleting it erases them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{Address, Sealed, UserId};
use lambda::{SealError, Sealer};
use ring::rand::{SecureRandom, SystemRandom};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{email::Email, wallet::PaymentMethod};

/// A person's key as it is stored: sealed with the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubjectKey {
    pub(crate) subject: UserId,
    sealed_key: Sealed<String>,
}

/// What an account says of its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    pub(crate) email: Email,
    pub(crate) name: String,
}

impl SubjectKey {
    /// A new key, 256 bits. It comes from the operating system: a call's own randomness is no secret.
    pub(crate) fn generate(subject: UserId, platform: &Sealer) -> Result<Self, SealError> {
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| SealError)?;
        let sealed_key = platform.seal(&purpose(subject), &URL_SAFE_NO_PAD.encode(key))?;
        Ok(Self { subject, sealed_key })
    }

    /// What seals and opens with this key.
    pub(crate) fn open(&self, platform: &Sealer) -> Result<Subject, SealError> {
        let key = platform.open(&purpose(self.subject), &self.sealed_key)?;
        let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| SealError)?;
        Ok(Subject { sealer: Sealer::new(&key) })
    }
}

fn purpose(subject: UserId) -> String {
    format!("subject-key {subject}")
}

/// What one kind of personal data is sealed as: nothing opens as something else.
pub(crate) trait Personal: Serialize + serde::de::DeserializeOwned {
    const PURPOSE: &'static str;
}

impl Personal for Profile {
    const PURPOSE: &'static str = "profile";
}

impl Personal for Address {
    const PURPOSE: &'static str = "address";
}

impl Personal for PaymentMethod {
    const PURPOSE: &'static str = "payment-method";
}

/// Seals and opens what is one person's.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    sealer: Sealer,
}

impl Subject {
    pub(crate) fn seal<T: Personal>(&self, value: &T) -> Result<Sealed<T>, SealError> {
        self.sealer.seal(T::PURPOSE, value)
    }

    pub(crate) fn open<T: Personal>(&self, sealed: &Sealed<T>) -> Result<T, SealError> {
        self.sealer.open(T::PURPOSE, sealed)
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::user;

    use super::*;

    #[test]
    fn what_is_one_persons_opens_with_their_key_only() {
        let platform = Sealer::new(&[7; 32]);
        let [ada, eve] = [1, 2].map(|n| SubjectKey::generate(user(n), &platform).unwrap());
        let profile = Profile { email: "ada@example.com".parse().unwrap(), name: "Ada".to_owned() };
        let sealed = ada.open(&platform).unwrap().seal(&profile).unwrap();
        assert_eq!(ada.open(&platform).unwrap().open(&sealed), Ok(profile));
        assert_eq!(eve.open(&platform).unwrap().open(&sealed), Err(SealError));
        let swapped = SubjectKey { subject: user(2), ..ada };
        assert!(swapped.open(&platform).is_err(), "a key belongs to its subject");
    }
}
