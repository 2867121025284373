//! Signed statements (JWS, Ed25519): access tokens and quotes. RFC 8725: one algorithm, one type of
//! token for each purpose, own keys only; key URLs in a header are never followed.

use std::sync::Once;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::Quote;
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result as JwtResult},
    signature::{Error as SignatureError, Signer, Verifier},
};
use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What is signed.
pub trait Claims: Serialize + DeserializeOwned + Clone {
    /// The `typ` of its header: a token of one type is no token of another.
    const TYPE: &'static str;

    /// Unix seconds after which the statement is void.
    fn expires_at(&self) -> i64;
}

impl Claims for Quote {
    const TYPE: &'static str = "quote+jwt";

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

/// Why a token does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not a token of this type, or not signed with the key that it names.
    #[error("the token was not issued here")]
    Forged,
    /// The key that it names is not known.
    #[error("the token's key is not known")]
    UnknownKey,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// A key pair to sign with.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// The key's id: the first 16 characters of its public key.
    pub kid: String,
    /// The private key, PKCS#8, base64url.
    pkcs8: String,
    /// The public key, base64url.
    pub x: String,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Panics
    /// If the operating system gives no random bytes.
    pub fn generate() -> Self {
        let pkcs8 =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the operating system gives random bytes");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a new key is well formed");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Self { kid: x[..16].to_owned(), pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()), x }
    }

    /// Signs claims.
    pub fn sign<C: Claims>(&self, claims: &C) -> Result<String, InvalidToken> {
        install();
        let der = URL_SAFE_NO_PAD.decode(&self.pkcs8).map_err(|_| InvalidToken::UnknownKey)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(C::TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&der)).map_err(|_| InvalidToken::UnknownKey)
    }

    /// What others verify with.
    pub fn public(&self) -> Jwk {
        Jwk::new(self.kid.clone(), self.x.clone())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A public key (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The key's id.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
}

impl Jwk {
    /// An Ed25519 key by id and base64url of its 32 bytes.
    pub fn new(kid: String, x: String) -> Self {
        let [kty, crv, alg, usage] = ["OKP", "Ed25519", "EdDSA", "sig"].map(str::to_owned);
        Self { kty, crv, alg, usage, kid, x }
    }
}

/// A set of public keys (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// The id of the key that a token says it is signed with, so that the key can be loaded.
pub fn key_id(token: &str) -> Result<String, InvalidToken> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken::Forged)?;
    header.kid.ok_or(InvalidToken::Forged)
}

/// Verifies a token against the key that it names: `x` is that key's public part, base64url.
pub fn verify<C: Claims>(token: &str, x: &str, now: Timestamp) -> Result<C, InvalidToken> {
    install();
    let mut validation = Validation::new(Algorithm::EdDSA);
    // Time is checked below, on the caller's clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_ed_components(x).map_err(|_| InvalidToken::UnknownKey)?;
    let token = jsonwebtoken::decode::<C>(token, &key, &validation).map_err(|_| InvalidToken::Forged)?;
    if token.header.typ.as_deref() != Some(C::TYPE) || token.header.crit.is_some() {
        return Err(InvalidToken::Forged);
    }
    if token.claims.expires_at() <= now.as_second() {
        return Err(InvalidToken::Expired);
    }
    Ok(token.claims)
}

/// The library wants its cryptography chosen once per process: ring, which TLS uses already.
fn install() {
    static RING: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // It fails only where another was installed before: nobody else does.
        let _ = RING.install_default();
    });
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that the library calls")]
fn signer(algorithm: &Algorithm, key: &EncodingKey) -> JwtResult<Box<dyn JwtSigner>> {
    match algorithm {
        Algorithm::EdDSA => match Ed25519KeyPair::from_pkcs8(key.as_bytes()) {
            Ok(pair) => Ok(Box::new(Ring(pair))),
            Err(_) => Err(ErrorKind::InvalidEddsaKey.into()),
        },
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that the library calls")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    match algorithm {
        Algorithm::EdDSA => Ok(Box::new(Ring(UnparsedPublicKey::new(&ED25519, key.try_get_as_bytes()?.to_vec())))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

struct Ring<K>(K);

impl Signer<Vec<u8>> for Ring<Ed25519KeyPair> {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for Ring<Ed25519KeyPair> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl Verifier<Vec<u8>> for Ring<UnparsedPublicKey<Vec<u8>>> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0.verify(message, signature).map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Ring<UnparsedPublicKey<Vec<u8>>> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Pass {
        exp: i64,
    }

    impl Claims for Pass {
        const TYPE: &'static str = "pass+jwt";

        fn expires_at(&self) -> i64 {
            self.exp
        }
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Other {
        exp: i64,
    }

    impl Claims for Other {
        const TYPE: &'static str = "other+jwt";

        fn expires_at(&self) -> i64 {
            self.exp
        }
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_signed_statement_is_verified_with_its_key() {
        let key = SigningKey::generate();
        let token = key.sign(&Pass { exp: 1 }).unwrap();
        assert_eq!(key_id(&token).unwrap(), key.kid);
        assert_eq!(verify::<Pass>(&token, &key.x, NOW), Ok(Pass { exp: 1 }));
    }

    #[test]
    fn a_token_of_another_key_type_time_or_algorithm_does_not_hold() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let token = key.sign(&Pass { exp: 1 }).unwrap();
        assert_eq!(verify::<Pass>(&token, &other.x, NOW), Err(InvalidToken::Forged));
        assert_eq!(verify::<Other>(&token, &key.x, NOW), Err(InvalidToken::Forged));
        assert_eq!(verify::<Pass>(&token, &key.x, Timestamp::new(1, 0).unwrap()), Err(InvalidToken::Expired));
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"pass+jwt"}"#),
            URL_SAFE_NO_PAD.encode(r#"{"exp":9}"#)
        );
        assert_eq!(verify::<Pass>(&unsigned, &key.x, NOW), Err(InvalidToken::Forged));
    }
}
