//! Faults of calls to AWS and to the payment provider.

use std::time::Duration;

use emulators::Answer;
use serde_json::{Value, json};

use crate::choices::Choices;

/// The fault of a call to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// No fault: the call is answered.
    None,
    /// The call is throttled and not carried out.
    Throttled,
    /// An internal error of AWS. The call is not carried out.
    Internal,
    /// A conflict with another transaction. The call is not carried out.
    Conflict,
    /// The call is carried out, and its reply is lost.
    TimedOut,
    /// The call is carried out. This invocation gets no replies from now on.
    Outage,
    /// The call is not carried out, and the process ends.
    CrashedBefore,
    /// The call is carried out, and the process ends.
    CrashedAfter,
    /// The call takes longer than the timeout of the caller.
    Slow,
    /// An eventually consistent read does not see the newest change.
    Stale,
    /// The call is carried out in part.
    Partial,
}

/// The fault of a call to the payment provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderFault {
    /// No fault: the call is answered.
    None,
    /// The call is carried out, and its reply is lost.
    Lost,
    /// The call is carried out, and the reply arrives after the timeout.
    Late,
    /// The call is not carried out.
    Unreachable,
    /// An internal error of the provider. The call is not carried out.
    Internal,
    /// The call is carried out, and its webhook arrives before the reply.
    EarlyWebhook,
}

/// The fault rates of a run, per thousand calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultRates {
    pub(crate) aws: u32,
    pub(crate) provider: u32,
    pub(crate) delivery: u32,
    pub(crate) kinds: u32,
}

impl FaultRates {
    pub(crate) const CALM: Self = Self { aws: 0, provider: 0, delivery: 0, kinds: 0 };

    pub(crate) fn is_calm(&self) -> bool {
        self.aws + self.provider + self.delivery == 0
    }

    pub(crate) fn draw(choices: &Choices) -> Self {
        const HARSHNESS: [u32; 6] = [0, 10, 20, 40, 80, 160];
        let harshness = |choices: &Choices| HARSHNESS[choices.below(6) as usize];
        Self {
            aws: harshness(choices),
            provider: 4 * harshness(choices),
            delivery: harshness(choices),
            kinds: choices.draw(),
        }
    }
}

/// Draws the fault of a call. Not every run has every kind of fault, so that some occur alone.
pub(crate) fn draw_fault(choices: &Choices, fault_rates: &FaultRates, target: &str, asked: &Value) -> Fault {
    use Fault::{Conflict, CrashedAfter, CrashedBefore, Internal, Outage, Partial, Slow, Stale, Throttled, TimedOut};
    let eventual = is_eventual(target, asked);
    let possible: &[Fault] = match target.rsplit('.').next().unwrap_or_default() {
        "PutItem" | "TransactWriteItems" => {
            &[TimedOut, Conflict, CrashedAfter, Outage, CrashedBefore, Throttled, Internal, Slow]
        }
        "BatchGetItem" if eventual => &[Stale, Stale, Partial, Throttled, Internal, CrashedAfter, Slow],
        _ if eventual => &[Stale, Stale, Throttled, Internal, CrashedBefore, Slow],
        "PutEvents" => &[Partial, TimedOut, Partial, CrashedAfter, Throttled, Internal, CrashedBefore, Outage],
        "BatchGetItem" => &[Partial, Throttled, Internal, CrashedAfter, Slow],
        "SendMessage" | "SendMessageBatch" => &[TimedOut, CrashedAfter, Throttled, Internal, CrashedBefore],
        _ => &[Throttled, Internal, CrashedAfter, Slow],
    };
    // Queries are frequent, and few of them find anything.
    let often = if target.ends_with("Query") && !eventual { fault_rates.aws / 4 } else { 2 * fault_rates.aws };
    if !choices.happens(often) {
        return Fault::None;
    }
    let fault = possible[choices.below(u32::try_from(possible.len()).unwrap_or(1)) as usize];
    if (fault_rates.kinds >> (fault as u32)) & 3 == 3 { Fault::None } else { fault }
}

/// Whether a call is a read that may miss the newest changes.
fn is_eventual(target: &str, asked: &Value) -> bool {
    let is_strong = |asked: &Value| asked["ConsistentRead"] == true;
    match target.rsplit('.').next() {
        Some("GetItem" | "Query") => !is_strong(asked),
        Some("BatchGetItem") => {
            !asked["RequestItems"].as_object().into_iter().flatten().any(|(_, asked)| is_strong(asked))
        }
        _ => false,
    }
}

/// Draws the fault of a call to the provider.
pub(crate) fn draw_provider_fault(choices: &Choices, fault_rates: &FaultRates) -> ProviderFault {
    use ProviderFault::{EarlyWebhook, Internal, Late, Lost, Unreachable};
    if !choices.happens(fault_rates.provider) {
        return ProviderFault::None;
    }
    [EarlyWebhook, Lost, Late, Unreachable, Internal][choices.below(5) as usize]
}

/// The duration of a slow call. The timeout of an attempt is 2 s.
pub(crate) fn slowness(choices: &Choices) -> Duration {
    Duration::from_millis(100 + u64::from(choices.below(4000)))
}

/// The reply to a call that was not carried out.
pub(crate) fn refusal(fault: Fault, body: &Value) -> Answer {
    let code =
        |code: &str| json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "simulated"});
    let (status, said) = match fault {
        Fault::Conflict if body["TransactItems"].is_null() => (400, code("TransactionConflictException")),
        Fault::Conflict => {
            let items = body["TransactItems"].as_array().map_or(1, Vec::len);
            let reasons: Vec<_> = (0..items)
                .map(|item| json!({"Code": if item == 0 { "TransactionConflict" } else { "None" }}))
                .collect();
            let mut said = code("TransactionCanceledException");
            said["CancellationReasons"] = reasons.into();
            (400, said)
        }
        Fault::Throttled => (400, code("ThrottlingException")),
        _ => (500, code("InternalServerError")),
    };
    Answer {
        status,
        headers: vec![("content-type", "application/x-amz-json-1.0".to_owned())],
        body: said.to_string().into(),
    }
}
