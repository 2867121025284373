//! Everything that the provider knows, and the changes that it is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::objects::{Dispute, Intent, Refund};

/// How long an idempotency key is remembered, in seconds.
pub(crate) const KEY_KEPT: u64 = 24 * 3600;

/// The answer to a request, kept beside its idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) key: String,
    /// What was asked: the same key with anything else is a mistake.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) at: u64,
}

/// A webhook on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outgoing {
    /// The id of its event.
    pub id: String,
    /// JSON, to the byte as it is signed.
    pub body: String,
}

/// What one request changes: kept and applied as a whole.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) intents: Vec<Intent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) refunds: Vec<Refund>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) disputes: Vec<Dispute>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) answers: Vec<Kept>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) webhooks: Vec<Outgoing>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) delivered: Vec<String>,
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { intents, refunds, disputes, answers, webhooks, delivered } = self;
        let objects = intents.is_empty() && refunds.is_empty() && disputes.is_empty();
        objects && answers.is_empty() && webhooks.is_empty() && delivered.is_empty()
    }
}

/// Everything that the provider knows.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) intents: BTreeMap<String, Intent>,
    pub(crate) refunds: BTreeMap<String, Refund>,
    pub(crate) disputes: BTreeMap<String, Dispute>,
    answers: BTreeMap<String, Kept>,
    pub(crate) webhooks: BTreeMap<String, Outgoing>,
}

impl State {
    pub(crate) fn apply(&mut self, change: Change) {
        let Change { intents, refunds, disputes, answers, webhooks, delivered } = change;
        self.intents.extend(intents.into_iter().map(|intent| (intent.id.clone(), intent)));
        self.refunds.extend(refunds.into_iter().map(|refund| (refund.id.clone(), refund)));
        self.disputes.extend(disputes.into_iter().map(|dispute| (dispute.id.clone(), dispute)));
        self.answers.extend(answers.into_iter().map(|kept| (kept.key.clone(), kept)));
        self.webhooks.extend(webhooks.into_iter().map(|webhook| (webhook.id.clone(), webhook)));
        for id in delivered {
            self.webhooks.remove(&id);
        }
    }

    /// The answer that a key stands for.
    pub(crate) fn answered(&self, key: &str, now: u64) -> Option<&Kept> {
        self.answers.get(key).filter(|kept| kept.at + KEY_KEPT > now)
    }

    /// Everything as one change, without the keys that are forgotten by now.
    pub(crate) fn snapshot(&self, now: u64) -> Change {
        let answers = self.answers.values().filter(|kept| kept.at + KEY_KEPT > now);
        Change {
            intents: self.intents.values().cloned().collect(),
            refunds: self.refunds.values().cloned().collect(),
            disputes: self.disputes.values().cloned().collect(),
            answers: answers.cloned().collect(),
            webhooks: self.webhooks.values().cloned().collect(),
            delivered: Vec::new(),
        }
    }
}
