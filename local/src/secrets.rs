//! Secrets Manager for one machine: values made at random on first start and kept in the data folder.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;

use crate::template::{Secret, name_in_arn};

const MARKER: &str = "{{resolve:secretsmanager:";
/// Length of what no template says anything about.
const LENGTH: usize = 40;

/// The secrets of this stack.
#[derive(Debug)]
pub struct Secrets {
    /// Where they are kept; nowhere if they end with the process.
    file: Option<PathBuf>,
    values: Mutex<BTreeMap<String, String>>,
}

impl Secrets {
    /// Reads the secrets that are kept, and makes those of the templates that are not among them.
    pub fn open(file: Option<PathBuf>, declared: &[Secret]) -> Result<Self> {
        let kept = match &file {
            Some(file) if file.exists() => {
                let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
                serde_json::from_str(&text).with_context(|| format!("{} is not what was written", file.display()))?
            }
            _ => BTreeMap::new(),
        };
        let secrets = Self { file, values: Mutex::new(kept) };
        for secret in declared {
            secrets.value(&secret.name, || make(secret))?;
        }
        Ok(secrets)
    }

    /// A secret, or the field of a JSON secret with this key. A secret that is not declared is created now.
    pub fn get(&self, name: &str, key: Option<&str>) -> Result<String> {
        let name = name_in_arn(name);
        let Some(key) = key else { return self.value(name, || random(LENGTH)) };
        let whole = self.value(name, || serde_json::json!({key: random(LENGTH)}).to_string())?;
        let mut whole: Value =
            serde_json::from_str(&whole).with_context(|| format!("the secret {name} is not JSON"))?;
        if let Some(text) = whole[key].as_str() {
            return Ok(text.to_owned());
        }
        let made = random(LENGTH);
        whole[key] = made.as_str().into();
        self.lock().insert(name.to_owned(), whole.to_string());
        self.keep()?;
        Ok(made)
    }

    /// A text with its `{{resolve:secretsmanager:ID[:SecretString[:KEY]]}}` replaced. An id may be an ARN.
    pub fn resolve(&self, text: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(MARKER) {
            let (reference, following) = after.split_once("}}").context("a {{resolve: is never closed")?;
            // An ARN has seven parts of its own.
            let of_id = if reference.starts_with("arn:") { 7 } else { 1 };
            let parts: Vec<_> = reference.split(':').collect();
            let (id, selector) = parts.split_at(of_id.min(parts.len()));
            let key = selector.get(1).copied().filter(|key| !key.is_empty());
            out += before;
            out += &self.get(&id.join(":"), key)?;
            rest = following;
        }
        Ok(out + rest)
    }

    fn value(&self, name: &str, new: impl FnOnce() -> String) -> Result<String> {
        if let Some(value) = self.lock().get(name) {
            return Ok(value.clone());
        }
        let made = new();
        self.lock().insert(name.to_owned(), made.clone());
        self.keep()?;
        Ok(made)
    }

    fn keep(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let text = serde_json::to_string_pretty(&*self.lock())?;
        // Whole or not at all: a crash in between must not cost the keys to the data.
        let beside = file.with_extension("new");
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, file))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(secret: &Secret) -> String {
    if let Some(value) = &secret.value {
        return value.clone();
    }
    match &secret.template {
        None => random(secret.length),
        Some((template, key)) => {
            let mut whole: Value = serde_json::from_str(template).unwrap_or_else(|_| serde_json::json!({}));
            whole[key.as_str()] = random(secret.length).into();
            whole.to_string()
        }
    }
}

/// Letters and digits, five bits each.
fn random(length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_replaced_by_the_same_value_each_time() {
        let secrets = Secrets::open(None, &[]).unwrap();
        let arn = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:souk-local-SealSecret";
        let sealed = secrets.resolve(&format!("{{{{resolve:secretsmanager:{arn}}}}}")).unwrap();
        assert_eq!(sealed.len(), LENGTH);
        assert_eq!(secrets.get("souk-local-SealSecret", None).unwrap(), sealed);
        let key = secrets.resolve("a-{{resolve:secretsmanager:stripe:SecretString:key}}-z").unwrap();
        assert_eq!(key, format!("a-{}-z", secrets.get("stripe", Some("key")).unwrap()));
        assert_ne!(secrets.get("stripe", Some("other")).unwrap(), secrets.get("stripe", Some("key")).unwrap());
    }

    #[test]
    fn a_template_says_what_the_secret_looks_like() {
        let declared = Secret {
            name: "db".to_owned(),
            length: 9,
            template: Some((r#"{"user": "souk"}"#.to_owned(), "password".to_owned())),
            value: None,
        };
        let secrets = Secrets::open(None, &[declared]).unwrap();
        assert_eq!(secrets.get("db", Some("user")).unwrap(), "souk");
        assert_eq!(secrets.get("db", Some("password")).unwrap().len(), 9);
    }
}
