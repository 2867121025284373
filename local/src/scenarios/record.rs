//! Records the examples of the published contract: the call of each operation and its reply, from a running stack.
//!
//! What differs between recordings (ids, times, tokens) is replaced, so that the same code gives the same examples.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{ALL, Act, Body, Request, Run, StackWorld, World, samples};
use crate::{
    Stack,
    examples::{Example, Examples},
    visits,
};

/// The maximum number of items of a list in an example.
const MOST_ITEMS: usize = 1;
/// What fields have instead of a value that is different each time.
const FIXED: [(&str, &str); 7] = [
    ("claim", "hQ6eZ1vTq0o3m0b7Yd2gkJ8sN5xLwRcUf4aPiVtEoKM"),
    ("clientSecret", "pi_3T7kQz2eZvKYlo2C1a2b3c4d_secret_5e6f7a8b9c0d1e2f3a4b5c6d"),
    ("kid", "088H8VFiA9RAB4Zl"),
    ("nextCursor", "3q2-7wAAq83vEjRWeJq83uHwsKCQgHBgUEAwIBAAobLD1OX2"),
    ("pin", "042137"),
    ("url", "http://localhost:3000/_souk/3ds/pi_3T7kQz2eZvKYlo2C1a2b3c4d"),
    // The public key of RFC 8037.
    ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
];
/// A time that something took, in milliseconds.
const LAG: u64 = 180;
/// Fields with the value of a name in samples.
const NAMED: [&str; 3] = ["accessToken", "quote", "refreshToken"];

/// Makes the call of every operation.
///
/// # Errors
/// If an operation does not succeed.
pub async fn record(stack: &Stack) -> Result<Examples> {
    let world = StackWorld::new(stack, None);
    let mut examples = Examples::new();
    for scenario in ALL.iter() {
        let Act::Call { who, body, .. } = &scenario.act else { continue };
        // Another variant is of interest only if it has a body of another media type.
        let text = matches!(body, Some(Body::Text(..)));
        if scenario.variant.is_some() && (!text || scenario.refused.is_some()) {
            continue;
        }
        let (run, began) = (Run::new(&world), Timestamp::now());
        let request = run.request(&scenario.key()).await.with_context(|| scenario.key())?;
        let reply = world.call(&run.caller(*who).await?, &request).await?;
        let refused = scenario.refused.is_some();
        ensure!(refused || (200..300).contains(&reply.status), "{} was answered {}", scenario.key(), reply.body);
        let mut constant = Constant::new(&run.names(), began);
        let example = examples.entry(format!("{}/{}", scenario.service, scenario.name)).or_insert_with(|| Example {
            parameters: constant.parameters(&request),
            body: BTreeMap::new(),
            reply: if refused { Value::Null } else { constant.value("", reply.body) },
        });
        if let Some(body) = request.body {
            let (kind, value) = match body {
                Body::Json(value) => ("application/json", constant.value("", value)),
                Body::Text(kind, text) => (kind, constant.text("", &text).into()),
            };
            // The parameters and the reply are those of the first.
            example.body.entry(kind.to_owned()).or_insert(value);
        }
    }
    // Pages with a session.
    let (began, shown) = (Timestamp::now(), visits::all(stack, &world).await?);
    for (function, view) in shown {
        let example = examples.get_mut(&format!("storefront/{function}"));
        if let Some(example) = example.filter(|example| example.reply.is_null()) {
            example.reply = Constant::new(&BTreeMap::new(), began).value("", view);
        }
    }
    Ok(examples)
}

/// Replaces what differs between recordings.
struct Constant {
    /// Texts, and what is in their place. UUIDs without the type of their id, because some ids share one.
    texts: Vec<(String, String)>,
    began: Timestamp,
    others: usize,
}

impl Constant {
    fn new(names: &BTreeMap<String, Value>, began: Timestamp) -> Self {
        let known = |name: &str| match name {
            // The demo accounts have the addresses of their roles.
            "account" => Some("ada"),
            _ => samples::NAMES.iter().find(|(known, _)| *known == name).map(|(_, sample)| *sample),
        };
        let pairs = names.iter().filter_map(|(name, value)| Some((value.as_str()?, known(name)?)));
        let pairs = pairs.map(|(value, sample)| match (uuid(value), uuid(sample)) {
            (Some(value), Some(sample)) => (value, sample),
            _ => (value, sample),
        });
        let pairs = pairs.filter(|(value, sample)| value.len() >= 8 && value != sample);
        // E-mail addresses are kept in lower case.
        let cases = |(value, sample): (&str, &str)| {
            [value.to_owned(), value.to_lowercase()].map(|value| (value, sample.to_owned()))
        };
        let mut texts: Vec<_> = pairs.flat_map(cases).collect();
        texts.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        Self { texts, began, others: 0 }
    }

    fn parameters(&mut self, request: &Request) -> BTreeMap<String, String> {
        let pairs: Vec<_> = request.parameters.iter().chain(&request.query).cloned().collect();
        pairs.into_iter().map(|(name, value)| (name, self.text("", &value))).collect()
    }

    fn value(&mut self, field: &str, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(field, &text).into(),
            Value::Array(items) => {
                let most = if field == "items" { MOST_ITEMS } else { items.len() };
                items.into_iter().take(most).map(|item| self.value("", item)).collect()
            }
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| {
                    let value = self.value(&name, value);
                    (name, value)
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Value::Number(_) if field == "lag" => LAG.into(),
            other => other,
        }
    }

    fn text(&mut self, field: &str, text: &str) -> String {
        if let Some((_, fixed)) = FIXED.iter().find(|(name, _)| *name == field) {
            return (*fixed).to_owned();
        }
        if NAMED.contains(&field) {
            return samples::name(field).to_owned();
        }
        if text.ends_with('Z')
            && let Ok(time) = text.parse::<Timestamp>()
        {
            let since = time.duration_since(self.began).as_secs();
            let moved = Timestamp::from_millisecond(samples::TIME + since * 1000).unwrap_or(time);
            return format!("{moved:.3}");
        }
        let mut text = text.to_owned();
        for (value, sample) in &self.texts {
            text = text.replace(value, sample);
        }
        for value in unnamed(&text) {
            self.others += 1;
            let other = match value.len() {
                32 => format!("019cade2000070008000{:012x}", self.others),
                _ => format!("A{}", self.others),
            };
            text = text.replace(&value, &other);
            self.texts.push((value, other));
        }
        text
    }
}

/// The UUID of an id.
fn uuid(id: &str) -> Option<&str> {
    id.split_once('_').map(|(_, uuid)| uuid).filter(|uuid| uuid.len() == 32 && is_hex(uuid))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The random parts of a text that have no name: UUIDs, and the twelve digits of a fresh SKU or code. UUIDs of samples
/// are left.
fn unnamed(text: &str) -> Vec<String> {
    let known = |part: &str| samples::NAMES.iter().any(|(_, sample)| sample.contains(part));
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| {
        let random = part.len() == 32 || (part.len() == 12 && part.to_uppercase() == **part);
        random && is_hex(part) && part.contains(|c: char| c.is_ascii_digit()) && !part.starts_with("019cade20000")
    });
    parts.filter(|part| !known(part)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_each_time_is_replaced() {
        let began: Timestamp = "2026-05-05T05:05:05.5Z".parse().unwrap();
        let (order, other) = ("0198c2f06d2a7c1e9d4b8a3f5e6c7d80", "0198c2f06d2a7c1e9d4b8a3f5e6c7d81");
        let account = ("account".to_owned(), json!("ADA-0123456789AB"));
        let names = BTreeMap::from([("orderId".to_owned(), json!(format!("ord_{order}"))), account]);
        let mut constant = Constant::new(&names, began);
        let seen = json!({
            "id": format!("ord_{order}"), "shipmentId": format!("shp_{order}"), "customerId": format!("usr_{other}"),
            "again": format!("usr_{other}"), "placedAt": "2026-05-05T05:05:06.600Z", "sku": "LAMP-0123456789AB",
            "accessToken": "secret", "items": [1, 2], "total": 5, "email": "ada-0123456789ab@souk.example",
        });
        let sample = uuid(samples::name("orderId")).unwrap();
        let replaced = json!({
            "id": format!("ord_{sample}"), "shipmentId": format!("shp_{sample}"),
            "again": "usr_019cade2000070008000000000000001", "customerId": "usr_019cade2000070008000000000000001",
            "placedAt": "2026-03-03T13:16:41.000Z", "sku": "LAMP-A2", "accessToken": samples::name("accessToken"),
            "items": [1], "total": 5, "email": "ada@souk.example",
        });
        assert_eq!(constant.value("", seen), replaced);
    }
}
