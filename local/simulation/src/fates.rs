//! What can become of a call: of one to AWS, and of one to the payment provider.

use std::time::Duration;

use emulators::Answer;
use serde_json::{Value, json};

use crate::tape::Tape;

/// What becomes of a call to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It is answered.
    Ok,
    /// Too many requests: it is not done.
    Throttled,
    /// An error of AWS's own: it is not done.
    Internal,
    /// Another transaction is on the same items: it is not done.
    Conflict,
    /// It is done, and the answer is lost.
    TimedOut,
    /// It is done, and from here on nothing is answered to this invocation any more.
    Outage,
    /// It is not done, and the process ends.
    CrashedBefore,
    /// It is done, and the process ends.
    CrashedAfter,
    /// It takes its time, longer than the caller may wait.
    Slow,
    /// An index that does not show the newest changes.
    Stale,
    /// Some of what was asked for is done.
    Partial,
}

/// What becomes of a call to the payment provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderFate {
    /// It is answered.
    Ok,
    /// It is done, and the answer is lost.
    Lost,
    /// It is done, and the answer comes when nobody waits for it any more.
    Late,
    /// It is not done.
    Unreachable,
    /// An error of the provider's own: it is not done.
    Internal,
    /// It is done, and its webhook is there before the answer.
    EarlyWebhook,
}

/// How much goes wrong in a run: so many times in a thousand calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) aws: u32,
    pub(crate) provider: u32,
    pub(crate) delivery: u32,
    pub(crate) kinds: u32,
}

impl Weather {
    pub(crate) const CALM: Self = Self { aws: 0, provider: 0, delivery: 0, kinds: 0 };

    pub(crate) fn is_calm(&self) -> bool {
        self.aws + self.provider + self.delivery == 0
    }

    pub(crate) fn draw(tape: &Tape) -> Self {
        const HARSHNESS: [u32; 6] = [0, 10, 20, 40, 80, 160];
        let harshness = |tape: &Tape| HARSHNESS[tape.below(6) as usize];
        Self { aws: harshness(tape), provider: 4 * harshness(tape), delivery: harshness(tape), kinds: tape.draw() }
    }
}

/// Draws what becomes of a call. Not every run knows every kind of fault, so that some can be seen alone.
pub(crate) fn fate(tape: &Tape, weather: &Weather, target: &str, indexed: bool) -> Fate {
    use Fate::{
        Conflict, CrashedAfter, CrashedBefore, Internal, Ok, Outage, Partial, Slow, Stale, Throttled, TimedOut,
    };
    let possible: &[Fate] = match target.rsplit('.').next().unwrap_or_default() {
        "PutItem" | "TransactWriteItems" => {
            &[TimedOut, Conflict, CrashedAfter, Outage, CrashedBefore, Throttled, Internal, Slow]
        }
        "Query" if indexed => &[Stale, Stale, Throttled, Internal, CrashedBefore, Slow],
        "PutEvents" => &[Partial, TimedOut, Partial, CrashedAfter, Throttled, Internal, CrashedBefore, Outage],
        "BatchGetItem" => &[Partial, Throttled, Internal, CrashedAfter, Slow],
        "SendMessage" | "SendMessageBatch" => &[TimedOut, CrashedAfter, Throttled, Internal, CrashedBefore],
        _ => &[Throttled, Internal, CrashedAfter, Slow],
    };
    // What changes something is where it hurts.
    let often = if target.ends_with("Query") { weather.aws / 4 } else { 2 * weather.aws };
    if !tape.happens(often) {
        return Ok;
    }
    let fate = possible[tape.below(u32::try_from(possible.len()).unwrap_or(1)) as usize];
    if (weather.kinds >> (fate as u32)) & 3 == 3 { Ok } else { fate }
}

/// Draws what becomes of a call to the provider.
pub(crate) fn provider_fate(tape: &Tape, weather: &Weather) -> ProviderFate {
    use ProviderFate::{EarlyWebhook, Internal, Late, Lost, Ok, Unreachable};
    if !tape.happens(weather.provider) {
        return Ok;
    }
    [EarlyWebhook, Lost, Late, Unreachable, Internal][tape.below(5) as usize]
}

/// How long a slow call takes: an attempt may take 2 s.
pub(crate) fn slowness(tape: &Tape) -> Duration {
    Duration::from_millis(100 + u64::from(tape.below(4000)))
}

/// The answer to a call that was not done.
pub(crate) fn refusal(fate: Fate, body: &Value) -> Answer {
    let code =
        |code: &str| json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "simulated"});
    let (status, said) = match fate {
        Fate::Conflict if body["TransactItems"].is_null() => (400, code("TransactionConflictException")),
        Fate::Conflict => {
            let items = body["TransactItems"].as_array().map_or(1, Vec::len);
            let reasons: Vec<_> = (0..items)
                .map(|item| json!({"Code": if item == 0 { "TransactionConflict" } else { "None" }}))
                .collect();
            let mut said = code("TransactionCanceledException");
            said["CancellationReasons"] = reasons.into();
            (400, said)
        }
        Fate::Throttled => (400, code("ThrottlingException")),
        _ => (500, code("InternalServerError")),
    };
    Answer {
        status,
        headers: vec![("content-type", "application/x-amz-json-1.0".to_owned())],
        body: said.to_string().into(),
    }
}
