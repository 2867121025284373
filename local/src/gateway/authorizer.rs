//! Lambda authorizers. Their responses are cached for the time in the template.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::Incoming;
use crate::{
    invoker::{Call, Invoker},
    template::Authorizer,
};

/// The maximum number of cached responses. Above it, the expired ones are removed, or all.
const MOST_KEPT: usize = 50_000;

/// What an authorizer's function is asked and what it answered.
pub(super) struct Authorizers {
    invoker: Invoker,
    kept: Mutex<Kept>,
}

/// The cached responses and their expiry, by API and identity. APIs do not share a cache.
type Kept = HashMap<(String, Vec<String>), (Instant, Verdict)>;

/// The decision about a request.
#[derive(Clone)]
pub(super) enum Verdict {
    /// The request is allowed, with the identity from the authorizer.
    Allowed(Option<Arc<RawValue>>),
    /// The request has no credentials, so the authorizer was not invoked.
    Anonymous,
    /// The authorizer denies the request.
    Refused,
    /// The authorizer failed.
    Failed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    is_authorized: bool,
    context: Option<Box<RawValue>>,
}

impl Authorizers {
    pub(super) fn new(invoker: Invoker) -> Self {
        Self { invoker, kept: Mutex::default() }
    }

    pub(super) async fn ask(
        &self,
        api: &str,
        authorizer: &Authorizer,
        incoming: &Incoming<'_>,
        call: &Call,
    ) -> Verdict {
        let Some(identity) = incoming.identity(&authorizer.headers) else { return Verdict::Anonymous };
        let key = (format!("{api} {}", authorizer.function), identity);
        let now = Instant::now();
        if let Some((_, known)) = self.lock().get(&key).filter(|(until, _)| *until > now) {
            return known.clone();
        }
        let verdict = self.invoke(authorizer, incoming, &key.1, call).await;
        if !authorizer.keep.is_zero() && matches!(verdict, Verdict::Allowed(_) | Verdict::Refused) {
            let mut kept = self.lock();
            if kept.len() >= MOST_KEPT {
                kept.retain(|_, (until, _)| *until > now);
            }
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(key, (now + authorizer.keep, verdict.clone()));
        }
        verdict
    }

    async fn invoke(
        &self,
        authorizer: &Authorizer,
        incoming: &Incoming<'_>,
        identity: &[String],
        call: &Call,
    ) -> Verdict {
        let Ok(event) = incoming.authorizer_event(identity) else { return Verdict::Failed };
        let call = Call { trace: call.trace.clone(), ..Call::fresh() };
        let Ok(answer) = self.invoker.invoke(&authorizer.function, event, call).await else { return Verdict::Failed };
        match serde_json::from_str::<Answer>(answer.get()) {
            Ok(Answer { is_authorized: true, context }) => Verdict::Allowed(context.map(Arc::from)),
            Ok(_) => Verdict::Refused,
            Err(error) => {
                tracing::error!(%error, "an authorizer answered what is no verdict");
                Verdict::Failed
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
