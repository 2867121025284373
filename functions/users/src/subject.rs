//! The key of a user. All personal data is sealed with it, so deleting the key erases the data.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::{Address, Language, Sealed, UserId};
use lambda::{SealError, Sealer};
use ring::rand::{SecureRandom, SystemRandom};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{email::Email, wallet::PaymentMethod};

/// The stored key of a user, sealed with the platform's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubjectKey {
    pub(crate) subject: UserId,
    sealed_key: Sealed<String>,
}

/// The profile of an account's user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    pub(crate) email: Email,
    pub(crate) name: String,
    /// The language of messages to the user. Profiles that were stored before have none.
    #[serde(default)]
    pub(crate) language: Language,
}

impl SubjectKey {
    /// Generates a key of 256 bits. The operating system provides it, because the randomness of a call is not secret.
    pub(crate) fn generate(subject: UserId, platform: &Sealer) -> Result<Self, SealError> {
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).map_err(|_| SealError)?;
        let sealed_key = platform.seal(&purpose(subject), &URL_SAFE_NO_PAD.encode(key))?;
        Ok(Self { subject, sealed_key })
    }

    /// Opens the key, and returns the handle that seals and opens with it.
    pub(crate) fn open(&self, platform: &Sealer) -> Result<Subject, SealError> {
        let key = platform.open(&purpose(self.subject), &self.sealed_key)?;
        let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| SealError)?;
        Ok(Subject { sealer: Sealer::new(&key) })
    }
}

fn purpose(subject: UserId) -> String {
    format!("subject-key {subject}")
}

/// The sealing purpose of a kind of personal data. A value can be opened only as its own kind.
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

/// Seals and opens the personal data of a user.
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
        let profile =
            Profile { email: "ada@example.com".parse().unwrap(), name: "Ada".to_owned(), language: Language::De };
        let sealed = ada.open(&platform).unwrap().seal(&profile).unwrap();
        assert_eq!(ada.open(&platform).unwrap().open(&sealed), Ok(profile));
        assert_eq!(eve.open(&platform).unwrap().open(&sealed), Err(SealError));
        let swapped = SubjectKey { subject: user(2), ..ada };
        assert!(swapped.open(&platform).is_err(), "a key belongs to its subject");
    }
}
