//! Passwords: their requirements and their hashes (Argon2id, 19 MiB, two passes, one lane: OWASP's minimum).

use std::{fmt, str::FromStr, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc},
};
use garde::Validate;
use lambda::{ExactText, Problem, nfc};
use precis_profiles::{OpaqueString, precis_core::profile::Profile};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use tokio::sync::Semaphore;

use crate::email::Email;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const SHORTEST: usize = 12;

/// The maximum number of concurrent hashes in a process. Each one takes 19 MiB.
const AT_ONCE: usize = 4;

/// The hash of an unknown password. It is verified for unknown accounts, so that the reply takes the same time.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$E23wWJnaZwiOAnh3rM71Vw$3QC/V1BD1XIhQBQ3ei2WufxwUAlNuh7qZ98zV1/NDAM";

/// Common passwords that are long enough but easy to guess.
const COMMON: [&str; 12] = [
    "123456789012",
    "1234567890123",
    "administrator",
    "changemechangeme",
    "correcthorsebatterystaple",
    "iloveyouiloveyou",
    "letmeinletmein",
    "password1234",
    "password12345",
    "passwordpassword",
    "qwertyqwerty",
    "qwertyuiop123",
];

/// A password. It is normalised (RFC 8265, OpaqueString), so a letter with an accent is the same from every keyboard.
#[derive(Clone, JsonSchema, Validate)]
#[garde(transparent)]
pub(crate) struct Password(#[garde(length(chars, max = 128))] String);

/// A text that is not a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not have control characters or characters that are invisible or not assigned")]
pub(crate) struct InvalidPassword;

impl FromStr for Password {
    type Err = InvalidPassword;

    fn from_str(text: &str) -> Result<Self, InvalidPassword> {
        if text.is_empty() {
            return Ok(Self(String::new())); // `check` says how long a password must be
        }
        // The profile allows no decomposed Hangul, and composes only what it allows.
        let password = OpaqueString::new().enforce(nfc(text)).map_err(|_| InvalidPassword)?;
        Ok(Self(password.into_owned()))
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ExactText::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The reason why a password is too weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Weakness {
    #[error("must have at least {SHORTEST} characters")]
    Short,
    #[error("must not be the e-mail address")]
    Email,
    #[error("must not be a common password")]
    Common,
}

/// A stored password: a PHC string with the algorithm, parameters, salt and hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PasswordHash(String);

/// The result of the verification of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// The password is right, but its hash has old parameters. This is the new hash.
    Outdated(PasswordHash),
}

impl Password {
    /// Checks that the password is strong enough for an account.
    pub(crate) fn check(&self, email: &Email) -> Result<(), Weakness> {
        let lower = self.0.to_lowercase();
        let one_letter = lower.chars().all(|c| lower.starts_with(c));
        let (name, _) = email.as_str().rsplit_once('@').unwrap_or_default();
        if self.0.chars().count() < SHORTEST {
            Err(Weakness::Short)
        } else if lower == email.as_str() || lower == name {
            Err(Weakness::Email)
        } else if one_letter || COMMON.contains(&lower.as_str()) {
            Err(Weakness::Common)
        } else {
            Ok(())
        }
    }

    fn hash(&self) -> Result<PasswordHash, Problem> {
        let hash = today()?.hash_password(self.0.as_bytes()).map_err(Problem::internal)?;
        Ok(PasswordHash(hash.to_string()))
    }

    /// Without a hash, this takes the same time and the password is wrong.
    fn verify(&self, hash: Option<&PasswordHash>) -> Result<Verdict, Problem> {
        let kept = hash.map_or(NOBODYS, |hash| &hash.0);
        let kept = phc::PasswordHash::new(kept).map_err(Problem::internal)?;
        let right = today()?.verify_password(self.0.as_bytes(), &kept).is_ok();
        match (right && hash.is_some(), is_todays(&kept)) {
            (false, _) => Ok(Verdict::Wrong),
            (true, true) => Ok(Verdict::Right),
            (true, false) => self.hash().map(Verdict::Outdated),
        }
    }
}

fn today() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_todays(hash: &phc::PasswordHash) -> bool {
    let parameters = [("m", MEMORY_KIB), ("t", PASSES), ("p", LANES)];
    hash.algorithm.as_str() == "argon2id"
        && hash.version == Some(Version::V0x13.into())
        && parameters.into_iter().all(|(name, value)| hash.params.get_decimal(name) == Some(value))
}

/// Hashes passwords on separate threads, so that other requests of the process are not blocked.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    /// The number of hashes that it has made.
    #[cfg(test)]
    pub(crate) runs: Arc<std::sync::atomic::AtomicUsize>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            #[cfg(test)]
            runs: Arc::default(),
        }
    }

    /// Hashes a password to store it.
    pub(crate) async fn hash(&self, password: &Password) -> Result<PasswordHash, Problem> {
        let password = password.clone();
        self.apart(move || password.hash()).await
    }

    /// Verifies a password with its hash, or with the hash of an unknown password.
    pub(crate) async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<Verdict, Problem> {
        let (password, hash) = (password.clone(), hash.cloned());
        self.apart(move || password.verify(hash.as_ref())).await
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.turns.acquire().await.map_err(Problem::internal)?;
        #[cfg(test)]
        self.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    #[test]
    fn two_spellings_of_a_password_are_one_password() {
        let hash = password("Größenwahn à la carte").hash().unwrap();
        for text in ["Gro\u{308}ßenwahn a\u{300} la carte", "Größenwahn\u{a0}à\u{2003}la carte"] {
            assert_eq!(password(text).verify(Some(&hash)).unwrap(), Verdict::Right, "{text}");
        }
        for text in
            ["größenwahn à la carte", " Größenwahn à la carte", "Größenwahn à la carte ", "Grossenwahn à la carte"]
        {
            assert_eq!(password(text).verify(Some(&hash)).unwrap(), Verdict::Wrong, "{text}");
        }
        assert_eq!(password("\u{1112}\u{1161}\u{11ab}").0, "한", "as another system composes it");
    }

    #[test]
    fn no_end_of_a_long_password_is_cut_off() {
        let long = "x7".repeat(40);
        let hash = password(&long).hash().unwrap();
        assert_eq!(password(&long).verify(Some(&hash)).unwrap(), Verdict::Right);
        assert_eq!(password(&long[..72]).verify(Some(&hash)).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn characters_that_nobody_can_type_again_are_refused() {
        for text in
            ["a long\u{200b}password", "nul\0 nul\0 nul\0", "a tab\tin between", "\u{fdd0}", "\u{feff}password1234"]
        {
            assert_eq!(text.parse::<Password>().err(), Some(InvalidPassword), "{text:?}");
        }
    }

    #[test]
    fn a_password_is_right_against_its_own_hash_only() {
        let hash = password("a long enough passphrase").hash().unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert_eq!(password("a long enough passphrase").verify(Some(&hash)).unwrap(), Verdict::Right);
        assert_eq!(password("another passphrase").verify(Some(&hash)).unwrap(), Verdict::Wrong);
        assert_ne!(password("a long enough passphrase").hash().unwrap(), hash, "each hash has its own salt");
    }

    #[test]
    fn a_hash_of_old_parameters_is_made_anew() {
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let old = PasswordHash(old.hash_password(b"a long enough passphrase").unwrap().to_string());
        let verdict = password("a long enough passphrase").verify(Some(&old)).unwrap();
        let Verdict::Outdated(new) = verdict else { panic!("{verdict:?}") };
        assert_eq!(password("a long enough passphrase").verify(Some(&new)).unwrap(), Verdict::Right);
        assert_eq!(password("another passphrase").verify(Some(&old)).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn an_unknown_account_costs_the_same_work() {
        assert!(is_todays(&phc::PasswordHash::new(NOBODYS).unwrap()));
        assert_eq!(password("a long enough passphrase").verify(None).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn what_is_guessed_first_is_no_password() {
        let email = "ada.lovelace@example.com".parse().unwrap();
        let check = |text| password(text).check(&email);
        assert_eq!(check("elevenchars"), Err(Weakness::Short));
        assert_eq!(check("Ada.Lovelace@example.com"), Err(Weakness::Email));
        assert_eq!(check("ada.lovelace"), Err(Weakness::Email));
        assert_eq!(check("Password1234"), Err(Weakness::Common));
        assert_eq!(check("aaaaaaaaaaaaaa"), Err(Weakness::Common));
        assert_eq!(check("souk-demo-password"), Ok(()));
        assert!(COMMON.iter().all(|common| common.len() >= SHORTEST), "shorter ones are refused anyway");
    }
}
