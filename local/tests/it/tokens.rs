//! Access tokens over HTTP, as somebody who wants to be another would make them.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use emulators::VirtualClock;
use futures::FutureExt;
use lambda::{
    Sealer,
    jws::{Jwk, SigningKey},
};
use local::{Answer, Options, Stack, shopper::made};
use ring::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{webhooks::secret, world::stored};

/// Somebody with a key, who can say with it whatever they like.
struct Forger {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Forger {
    fn new(key: &SigningKey) -> Self {
        let kept = serde_json::to_value(key).unwrap();
        let pkcs8 = URL_SAFE_NO_PAD.decode(kept["pkcs8"].as_str().unwrap()).unwrap();
        Self { pair: Ed25519KeyPair::from_pkcs8(&pkcs8).unwrap(), kid: key.kid.clone() }
    }

    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid})
    }

    /// A token, signed as it should be.
    fn token(&self, header: &Value, claims: &Value) -> String {
        let said = said(header, claims);
        let tag = self.pair.sign(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }
}

fn said(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}

fn hashed(key: &[u8], header: &Value, claims: &Value) -> String {
    let said = said(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), said.as_bytes());
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// An object with some fields changed; null takes one away.
fn with(object: &Value, changes: Value) -> Value {
    let mut fields = object.as_object().unwrap().clone();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    fields.extend(changes);
    fields.retain(|_, value| !value.is_null());
    fields.into()
}

/// A stack on a clock of the test's, whose secrets are known.
struct House {
    stack: Stack,
    clock: VirtualClock,
    folder: PathBuf,
    sealer: Sealer,
}

impl House {
    async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("souk-{}", uuid::Uuid::new_v4().simple()));
        let clock = VirtualClock::new("2026-09-01T12:00:00Z".parse().unwrap());
        let options = Options { data: Some(folder.clone()), steps: Some(clock.clone()), ..Options::default() };
        let stack = Stack::start(options).await.unwrap();
        let sealer = Sealer::new(secret(&stack, &folder, "SEAL_SECRET").as_bytes());
        Self { stack, clock, folder, sealer }
    }

    /// What only the house itself has: its keys, oldest first.
    async fn keys(&self) -> Vec<SigningKey> {
        let stored = stored(&self.stack).await;
        let ring = &stored["souk-local-Users-Table \"keyring#signing\" \"state\""];
        let sealed = ring["keys"]["L"].as_array().unwrap().iter().map(|key| key["M"]["private"]["S"].clone());
        let open = |sealed| self.sealer.open("signing-key", &serde_json::from_value(sealed).unwrap()).unwrap();
        sealed.map(open).collect()
    }

    /// What a guest's token says.
    async fn claims(&self) -> (String, Value) {
        let guest = made(self.stack.client().post("/v1/guests", &json!({})).await.unwrap()).unwrap();
        let token = guest["accessToken"].as_str().unwrap().to_owned();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        (token, serde_json::from_slice(&claims).unwrap())
    }

    async fn show(&self, headers: &[&str]) -> Answer {
        let headers: Vec<_> = headers.iter().map(|value| ("authorization", *value)).collect();
        self.stack.client().send("GET", "/v1/me", &headers, Vec::new()).await.unwrap()
    }

    async fn accepts(&self, token: &str) -> bool {
        self.show(&[&format!("Bearer {token}")]).await.status == 200
    }

    async fn close(self) {
        self.stack.stop().await;
        std::fs::remove_dir_all(self.folder).unwrap();
    }
}

fn refused(what: &str, answer: &Answer) {
    let kind = (answer.status, answer.header("content-type"), answer.json()["type"].clone());
    assert_eq!(kind, (401, Some("application/problem+json"), json!("/problems/unauthenticated")), "{what}");
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    // A header that is not a token is as if there was none.
    let says_why = challenge.starts_with("Bearer error=\"invalid_token\", error_description=");
    assert!(says_why || (what == "an odd header" && challenge == "Bearer"), "{what}: {challenge}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_said_with_a_key_of_the_house_does_not_hold() {
    let house = House::open().await;
    let (real, claims) = house.claims().await;
    let (key, stranger) = (house.keys().await.remove(0), Forger::new(&SigningKey::generate()));
    let owner = Forger::new(&key);
    let admin = with(&claims, json!({"roles": ["admin"]}));
    assert!(house.accepts(&owner.token(&owner.header(), &claims)).await, "the forger's hand is good");

    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", trap.local_addr().unwrap());
    let jwk = Jwk::new(stranger.kid.clone(), URL_SAFE_NO_PAD.encode(stranger.pair.public_key()));
    let header = |changes| with(&owner.header(), changes);
    let tag = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let unsigned = |alg: &str| format!("{}.", said(&header(json!({"alg": alg})), &admin));
    let by_stranger = |changes| stranger.token(&header(changes), &admin);
    let parts: Vec<_> = real.split('.').collect();
    // The last letter of a tag has four bits that say nothing.
    let (rest, last) = real.split_at(real.len() - 1);
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let other = letters.as_bytes()[letters.find(last).unwrap() ^ 1] as char;
    let mut forged = BTreeMap::from([
        ("another alg with our tag", format!("{}.{}", said(&header(json!({"alg": "none"})), &claims), tag(&real))),
        (
            "HS256 with the public key",
            hashed(&URL_SAFE_NO_PAD.decode(&key.x).unwrap(), &header(json!({"alg": "HS256"})), &admin),
        ),
        ("HS256 with its text", hashed(key.x.as_bytes(), &header(json!({"alg": "HS256"})), &admin)),
        ("HS256 called EdDSA", hashed(key.x.as_bytes(), &owner.header(), &admin)),
        ("HS256 with nothing", hashed(b"", &header(json!({"alg": "HS256"})), &admin)),
        ("a stranger's key", stranger.token(&stranger.header(), &admin)),
        ("a stranger's key by our name", by_stranger(json!({}))),
        ("a key in the header", by_stranger(json!({"jwk": jwk}))),
        ("a key at an address", by_stranger(json!({"jku": url, "x5u": url}))),
        ("a stranger's key at an address", stranger.token(&with(&stranger.header(), json!({"jku": url})), &admin)),
        ("no key", by_stranger(json!({"kid": null}))),
        ("a number for a key", by_stranger(json!({"kid": 1}))),
        ("a path for a key", by_stranger(json!({"kid": "../../../../dev/null"}))),
        ("a long name for a key", by_stranger(json!({"kid": "k".repeat(10_000)}))),
        ("other words", format!("{}.{}", said(&owner.header(), &admin), tag(&real))),
        ("no tag", format!("{}.{}.", parts[0], parts[1])),
        ("no words", format!("{}..{}", parts[0], parts[2])),
        ("half a tag", real[..real.len() - 40].to_owned()),
        ("another spelling of the tag", format!("{rest}{other}")),
        ("a padded tag", format!("{real}==")),
        ("garbage behind", format!("{real}AAAA")),
        ("a part behind", format!("{real}.AAAA")),
        ("a space in between", format!("{}. {}.{}", parts[0], parts[1], parts[2])),
        ("a hundred thousand letters", "A".repeat(100_000)),
        ("much to say", stranger.token(&owner.header(), &with(&admin, json!({"jti": "j".repeat(70_000)})))),
        ("dots", ".".repeat(10_000)),
        ("nothing", String::new()),
    ]);
    let algs = ["none", "None", "", "HS256", "RS256", "PS256", "ES256", "EdDSA"];
    forged.extend(algs.map(|alg| (alg, unsigned(alg))));
    for (what, token) in &forged {
        refused(what, &house.show(&[&format!("Bearer {token}")]).await);
    }
    for alg in algs.into_iter().filter(|alg| *alg != "EdDSA") {
        let swapped = owner.token(&header(json!({"alg": alg})), &claims);
        refused(alg, &house.show(&[&format!("Bearer {swapped}")]).await);
    }
    let bearer = format!("Bearer {real}");
    let headers: [&[&str]; 5] =
        [&[&bearer, &bearer], &[&bearer, "Bearer x"], &["Bearer x", &bearer], &[&real], &[&bearer[1..]]];
    for shown in headers {
        refused("an odd header", &house.show(shown).await);
    }
    assert!(trap.accept().now_or_never().is_none(), "an address in a header was followed");
    assert!(house.accepts(&real).await, "the real one holds all the while");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_key_of_the_house_said_of_other_things_does_not_hold() {
    let house = House::open().await;
    let (_, claims) = house.claims().await;
    let owner = Forger::new(&house.keys().await[0]);
    let now = claims["iat"].as_i64().unwrap();
    let lasts = |from: i64, to: i64| json!({"iat": now + from, "nbf": now + from, "exp": now + to});
    let other = [
        ("expired", lasts(-601, -1)),
        ("about to expire", json!({"exp": now})),
        ("not yet valid", lasts(60, 120)),
        ("valid later than it is issued", json!({"nbf": now + 60})),
        ("valid for long", json!({"exp": now + 3600})),
        ("valid for ever", json!({"exp": i64::MAX})),
        ("valid since ever", json!({"iat": i64::MIN})),
        ("a time as text", json!({"exp": (now + 600).to_string()})),
        ("a fraction of a time", json!({"exp": 1e300})),
        ("no end", json!({"exp": null})),
        ("no beginning", json!({"nbf": null})),
        ("another audience", json!({"aud": "souk-prod"})),
        ("several audiences", json!({"aud": ["souk-local", "souk-prod"]})),
        ("another issuer", json!({"iss": "souk-local/checkout"})),
        ("no issuer", json!({"iss": null})),
        ("nobody", json!({"sub": null})),
        ("what is no user", json!({"sub": "ord_0000000000000000000000000000002a"})),
        ("an unknown role", json!({"roles": ["root"]})),
        ("no session", json!({"sid": null})),
        ("no name of its own", json!({"jti": ""})),
    ];
    for (what, changes) in other {
        let token = owner.token(&owner.header(), &with(&claims, changes));
        refused(what, &house.show(&[&format!("Bearer {token}")]).await);
    }
    for kind in [json!("JWT"), json!("quote+jwt"), json!(""), json!(1), Value::Null] {
        let token = owner.token(&with(&owner.header(), json!({"typ": kind})), &claims);
        refused("another type", &house.show(&[&format!("Bearer {token}")]).await);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retired_key_opens_nothing() {
    const WEEK: Duration = Duration::from_hours(7 * 24);
    let house = House::open().await;
    let (_, claims) = house.claims().await;
    let retired = Forger::new(&house.keys().await[0]);
    house.clock.advance(WEEK);
    house.stack.invoke("users/rotate-signing-key", &json!({})).await.unwrap();
    let says = |claims: &Value, after: Duration| {
        let now = claims["iat"].as_u64().unwrap() + after.as_secs();
        with(claims, json!({"iat": now, "nbf": now, "exp": now + 600}))
    };
    let still = retired.token(&retired.header(), &says(&claims, WEEK));
    assert!(house.accepts(&still).await, "it signs until its successor does");

    let after = WEEK + Duration::from_mins(90);
    house.clock.advance(Duration::from_mins(90));
    let (current, fresh) = (Forger::new(&house.keys().await[1]), says(&claims, after));
    refused("a retired key", &house.show(&[&format!("Bearer {}", retired.token(&retired.header(), &fresh))]).await);
    assert!(house.accepts(&current.token(&current.header(), &fresh)).await);
    house.close().await;
}
