//! The seam: what a function calls goes through here, to AWS by the real SDK clients and to the payment provider.

use std::{
    future::pending,
    io,
    sync::{Arc, Weak},
    time::Duration,
};

use aws_smithy_runtime_api::client::{http::SharedHttpClient, result::ConnectorError};
use bytes::Bytes;
use emulators::{Answer, http_client};
use lambda::OutboundHttp;
use local::Permission;
use serde_json::Value;

use crate::{
    executor::{lock, turn},
    fates::{Fate, ProviderFate, fate, provider_fate, refusal, slowness},
    invocation::Invocation,
    partial,
    world::World,
};

/// What is under the SDK clients.
pub(crate) fn aws(world: &Arc<World>) -> SharedHttpClient {
    let world = Arc::downgrade(world);
    http_client(move |target, body| call(world.clone(), target, body))
}

/// A call that a function makes, of whatever kind.
struct Called {
    world: Arc<World>,
    invocation: Arc<Invocation>,
    number: u32,
}

impl Called {
    /// Counts it, and lets others go first. Nothing comes of it where its process ends before it.
    async fn begin(world: &Weak<World>) -> Self {
        let Some(world) = world.upgrade() else { return pending().await };
        let invocation = Invocation::current().expect("only functions call others");
        let number = invocation.next_call();
        world.observed.count_call(&invocation.handler, number);
        turn().await;
        let call = Self { world, invocation, number };
        call.crash_if_due(false).await;
        call
    }

    /// Where its process ends after it, nobody learns what came of it.
    async fn end(&self) {
        self.crash_if_due(true).await;
    }

    async fn crash_if_due(&self, after: bool) {
        let Self { world, invocation, number } = self;
        if world.crashes_here(invocation, *number, after) {
            let when = if after { "after" } else { "before" };
            world.tell(|| format!("{} CRASHES {when} its call {number}", invocation.label()));
            invocation.crash::<()>().await;
        }
    }
}

async fn call(world: Weak<World>, target: String, body: Bytes) -> Result<Answer, ConnectorError> {
    let call = Called::begin(&world).await;
    let Called { world, invocation, .. } = &call;
    if invocation.is_cut_off() {
        return Err(timed_out());
    }
    if let Some(refused) = world.stage.lacks(&invocation.handler.function_id(), &target, &body) {
        let Permission { action, resource } = refused;
        let told = format!("{} may not do {action} on {resource}", invocation.handler);
        world.observed.breaks("a role allows what its function does", told);
    }
    let (target, body) = match world.twist.bug {
        Some(bug) => bug.request(world, invocation, &target, &body).await,
        None => (target, body),
    };
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fate = match fate(&world.tape, &world.weather(), &target, asked["IndexName"].is_string()) {
        Fate::Ok => Fate::Ok,
        fate if world.spend_fault() => fate,
        _ => Fate::Ok,
    };
    let suffered = suffer(world, invocation, fate, &target, &asked, &body).await;
    let answered = match world.twist.bug {
        Some(bug) => bug.answer(invocation, &target, &asked, suffered),
        None => suffered,
    };
    call.end().await;
    answered
}

/// Lets a call come to what it is fated to.
async fn suffer(
    world: &World,
    invocation: &Invocation,
    fate: Fate,
    target: &str,
    asked: &Value,
    body: &[u8],
) -> Result<Answer, ConnectorError> {
    let marred = match fate {
        Fate::Partial | Fate::Stale => partial::answer(world, fate, target, asked).await,
        _ => None,
    };
    let fate = if marred.is_none() && matches!(fate, Fate::Partial | Fate::Stale) { Fate::Ok } else { fate };
    if fate != Fate::Ok {
        invocation.disturb();
        *lock(&world.faults).aws.entry(fate).or_default() += 1;
    }
    match fate {
        Fate::Throttled | Fate::Internal | Fate::Conflict => {
            world.observed.call(world, invocation, target, asked, None, fate);
            return Ok(refusal(fate, asked));
        }
        Fate::CrashedBefore => {
            world.observed.call(world, invocation, target, asked, None, fate);
            return invocation.crash().await;
        }
        Fate::Slow if world.tape.happens(500) => tokio::time::sleep(slowness(&world.tape)).await,
        _ => {}
    }
    let answer = match marred {
        Some(answer) => answer,
        None => world.cloud.dispatch(target, body).await,
    };
    world.observed.call(world, invocation, target, asked, Some(&answer), fate);
    if matches!(target.rsplit('.').next(), Some("Query")) {
        partial::remember(world, asked, &answer);
    }
    match fate {
        Fate::TimedOut => Err(timed_out()),
        Fate::Outage => {
            invocation.cut_off();
            Err(timed_out())
        }
        Fate::CrashedAfter => invocation.crash().await,
        Fate::Slow => {
            tokio::time::sleep(slowness(&world.tape)).await;
            Ok(answer)
        }
        _ => Ok(answer),
    }
}

fn timed_out() -> ConnectorError {
    ConnectorError::timeout("simulated".into())
}

/// Answers requests to the payment provider.
pub(crate) fn outbound_http(world: &Arc<World>) -> OutboundHttp {
    let world = Arc::downgrade(world);
    Arc::new(move |request| Box::pin(ask(world.clone(), request)))
}

/// Longer than anybody waits for the provider.
const FAR_TOO_LATE: Duration = Duration::from_hours(1);

async fn ask(world: Weak<World>, request: http::Request<Bytes>) -> io::Result<http::Response<Bytes>> {
    let call = Called::begin(&world).await;
    let Called { world, invocation, .. } = &call;
    let mut asked = crate::provider::read(&request);
    if let Some(bug) = world.twist.bug {
        bug.asked(world, &mut asked);
    }
    let fate = match provider_fate(&world.tape, &world.weather()) {
        ProviderFate::Ok => ProviderFate::Ok,
        fate if world.spend_fault() => {
            invocation.disturb();
            *lock(&world.faults).provider.entry(fate).or_default() += 1;
            fate
        }
        _ => ProviderFate::Ok,
    };
    let asks = format!("{} asks the provider {}", invocation.label(), what(&asked));
    let answered = match fate {
        _ if world.provider.is_silent(world) => {
            invocation.disturb();
            world.tell(|| format!("{asks}: no answer"));
            tokio::time::sleep(FAR_TOO_LATE).await;
            Err(io::Error::from(io::ErrorKind::TimedOut))
        }
        ProviderFate::Unreachable => {
            world.tell(|| format!("{asks}: not reached"));
            Err(io::Error::from(io::ErrorKind::ConnectionRefused))
        }
        ProviderFate::Internal => {
            world.tell(|| format!("{asks}: an error of theirs"));
            Ok((500, "{}".to_owned()))
        }
        _ => {
            let said = world.provider.ask(world, &asked);
            let lost = said.lost || matches!(fate, ProviderFate::Lost | ProviderFate::Late);
            if lost {
                invocation.disturb();
            }
            let told = if lost { "done, and the answer is lost" } else { "answered" };
            world.tell(|| format!("{asks}: {told}, {} ({fate:?})", said.status));
            match fate {
                ProviderFate::Late => tokio::time::sleep(FAR_TOO_LATE).await,
                // Long enough for a webhook to come and go, short enough to be waited for.
                ProviderFate::EarlyWebhook => tokio::time::sleep(Duration::from_secs(2)).await,
                _ => {}
            }
            if lost {
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            } else {
                Ok((said.status, said.body.to_string()))
            }
        }
    };
    let answered = match world.twist.bug {
        Some(bug) => bug.heard(&asked, answered),
        None => answered,
    };
    call.end().await;
    let (status, body) = answered?;
    http::Response::builder().status(status).body(body.into()).map_err(io::Error::other)
}

/// What the provider is asked for, without its ids, which are by lot.
fn what(asked: &sandbox::Asked) -> String {
    let parts = asked.path.split('/').filter(|part| !part.contains('_') || *part == "payment_intents");
    format!("{} {}", asked.method, parts.collect::<Vec<_>>().join("/"))
}
