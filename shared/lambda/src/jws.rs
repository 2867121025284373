//! Signed tokens (JWS, Ed25519): access tokens and quotes. They follow RFC 8725: there is one algorithm, and one type
//! of token for each purpose. A token has one issuer, stage and audience. Only our own keys are accepted, and key
//! URLs in a header are never followed.

use std::sync::Once;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::Quote;
use jiff::{SignedDuration, Timestamp};
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

/// The largest difference between the clocks of two functions.
pub const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Claims that can be signed.
pub trait Claims: Serialize + DeserializeOwned + Clone {
    /// The `typ` header. A token of one type is not accepted as another type.
    const TYPE: &'static str;
    /// The service that issues the token.
    const ISSUER: &'static str;
    /// The service that accepts the token; `None` for all services of the stage.
    const AUDIENCE: Option<&'static str>;

    /// When the token was issued, in Unix seconds. It is not valid before.
    fn issued_at(&self) -> i64;

    /// When the token expires, in Unix seconds.
    fn expires_at(&self) -> i64;
}

impl Claims for Quote {
    const TYPE: &'static str = "quote+jwt";
    const ISSUER: &'static str = "checkout";
    const AUDIENCE: Option<&'static str> = Some("orders");

    fn issued_at(&self) -> i64 {
        self.iat
    }

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

/// The signed claims, including those that every token contains.
#[derive(Clone, Serialize, Deserialize)]
struct Statement<C> {
    iss: String,
    aud: String,
    nbf: i64,
    #[serde(flatten)]
    claims: C,
}

/// The name of a service, or of all services of a stage, in a token.
fn party(stage: &str, service: Option<&str>) -> String {
    service.map_or_else(|| format!("souk-{stage}"), |service| format!("souk-{stage}/{service}"))
}

impl<C: Claims> Statement<C> {
    fn of(claims: C, stage: &str) -> Self {
        Self { iss: party(stage, Some(C::ISSUER)), aud: party(stage, C::AUDIENCE), nbf: claims.issued_at(), claims }
    }

    /// Whether the token was issued in this stage, for this audience, and before now.
    fn is_ours(&self, stage: &str, now: Timestamp) -> bool {
        let latest = (now + SKEW).as_second();
        self.iss == party(stage, Some(C::ISSUER))
            && self.aud == party(stage, C::AUDIENCE)
            && self.nbf <= latest
            && self.claims.issued_at() <= latest
    }
}

/// Why a token is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not a token of this type, issuer and audience, not yet valid, or not signed with the key that it names.
    #[error("The token was not issued here.")]
    Forged,
    /// The token names an unknown key.
    #[error("The key of the token is unknown.")]
    UnknownKey,
    /// The token has expired.
    #[error("The token has expired.")]
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
    /// Generates a key.
    ///
    /// # Panics
    /// If the operating system returns no random bytes.
    pub fn generate() -> Self {
        let pkcs8 =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("the operating system gives random bytes");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a new key is well formed");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Self { kid: x[..16].to_owned(), pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()), x }
    }

    /// Signs claims for a stage. The token is not valid in another stage.
    pub fn sign<C: Claims>(&self, claims: &C, stage: &str) -> Result<String, InvalidToken> {
        install();
        let der = URL_SAFE_NO_PAD.decode(&self.pkcs8).map_err(|_| InvalidToken::UnknownKey)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(C::TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let statement = Statement::of(claims.clone(), stage);
        jsonwebtoken::encode(&header, &statement, &EncodingKey::from_ed_der(&der)).map_err(|_| InvalidToken::UnknownKey)
    }

    /// The public key, to verify tokens with.
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

/// The id of the key that is named in a token, so that the key can be loaded.
pub fn key_id(token: &str) -> Result<String, InvalidToken> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken::Forged)?;
    header.kid.ok_or(InvalidToken::Forged)
}

/// Verifies a token of a stage against the key that it names: `x` is that key's public part, base64url.
pub fn verify<C: Claims>(token: &str, x: &str, stage: &str, now: Timestamp) -> Result<C, InvalidToken> {
    install();
    let mut validation = Validation::new(Algorithm::EdDSA);
    // Issuer, audience and time are checked below, with exactly one audience and with the caller's clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_ed_components(x).map_err(|_| InvalidToken::UnknownKey)?;
    let token = jsonwebtoken::decode::<Statement<C>>(token, &key, &validation).map_err(|_| InvalidToken::Forged)?;
    let of_type = token.header.typ.as_deref() == Some(C::TYPE) && token.header.crit.is_none();
    if !of_type || !token.claims.is_ours(stage, now) {
        return Err(InvalidToken::Forged);
    }
    let claims = token.claims.claims;
    if claims.expires_at() <= now.as_second() {
        return Err(InvalidToken::Expired);
    }
    Ok(claims)
}

/// Installs the cryptography of the library once per process: ring, which TLS also uses.
fn install() {
    static RING: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // It fails only if another one was installed before, which does not happen.
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

    /// Declares claims with their type, issuer and audience.
    macro_rules! claims {
        ($name:ident, $type:literal, $issuer:literal, $audience:expr) => {
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            struct $name {
                iat: i64,
                exp: i64,
            }

            impl Claims for $name {
                const TYPE: &'static str = $type;
                const ISSUER: &'static str = $issuer;
                const AUDIENCE: Option<&'static str> = $audience;

                fn issued_at(&self) -> i64 {
                    self.iat
                }

                fn expires_at(&self) -> i64 {
                    self.exp
                }
            }
        };
    }

    claims!(Pass, "pass+jwt", "gate", Some("hall"));
    claims!(OfOtherType, "other+jwt", "gate", Some("hall"));
    claims!(OfOtherIssuer, "pass+jwt", "hall", Some("hall"));
    claims!(ForOthers, "pass+jwt", "gate", Some("gate"));
    claims!(ForAll, "pass+jwt", "gate", None);

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const PASS: Pass = Pass { iat: 0, exp: 1 };

    #[test]
    fn a_signed_statement_is_verified_with_its_key() {
        let key = SigningKey::generate();
        let token = key.sign(&PASS, "test").unwrap();
        assert_eq!(key_id(&token).unwrap(), key.kid);
        assert_eq!(verify::<Pass>(&token, &key.x, "test", NOW), Ok(PASS));
        let said = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        let expected =
            serde_json::json!({"iss": "souk-test/gate", "aud": "souk-test/hall", "iat": 0, "nbf": 0, "exp": 1});
        assert_eq!(said, expected);
    }

    #[test]
    fn a_token_of_another_key_type_time_or_algorithm_does_not_hold() {
        let (key, other) = (SigningKey::generate(), SigningKey::generate());
        let token = key.sign(&PASS, "test").unwrap();
        assert_eq!(verify::<Pass>(&token, &other.x, "test", NOW), Err(InvalidToken::Forged));
        assert_eq!(verify::<OfOtherType>(&token, &key.x, "test", NOW), Err(InvalidToken::Forged));
        let later = Timestamp::new(1, 0).unwrap();
        assert_eq!(verify::<Pass>(&token, &key.x, "test", later), Err(InvalidToken::Expired));
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"pass+jwt"}"#),
            URL_SAFE_NO_PAD.encode(r#"{"exp":9}"#)
        );
        assert_eq!(verify::<Pass>(&unsigned, &key.x, "test", NOW), Err(InvalidToken::Forged));
    }

    #[test]
    fn a_token_of_another_stage_issuer_or_audience_does_not_hold_nor_one_from_the_future() {
        let key = SigningKey::generate();
        let held = |token: Result<String, _>| verify::<Pass>(&token.unwrap(), &key.x, "test", NOW);
        assert_eq!(held(key.sign(&PASS, "other")), Err(InvalidToken::Forged));
        assert_eq!(held(key.sign(&OfOtherIssuer { iat: 0, exp: 1 }, "test")), Err(InvalidToken::Forged));
        assert_eq!(held(key.sign(&ForOthers { iat: 0, exp: 1 }, "test")), Err(InvalidToken::Forged));
        assert_eq!(held(key.sign(&ForAll { iat: 0, exp: 1 }, "test")), Err(InvalidToken::Forged));
        let within = Pass { iat: SKEW.as_secs(), exp: 9 };
        assert_eq!(held(key.sign(&within, "test")), Ok(within), "clocks differ");
        let beyond = Pass { iat: SKEW.as_secs() + 1, exp: 9 };
        assert_eq!(held(key.sign(&beyond, "test")), Err(InvalidToken::Forged));
    }
}
