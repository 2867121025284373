//! The fault-injection transport: every call of a function goes through it, to AWS by the real SDK clients and to the
//! payment provider.

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
    faults::{Fault, ProviderFault, draw_fault, draw_provider_fault, refusal, slowness},
    invocation::Invocation,
    partial,
    world::World,
};

/// The HTTP client of the SDK clients.
pub(crate) fn aws(world: &Arc<World>) -> SharedHttpClient {
    let world = Arc::downgrade(world);
    http_client(move |target, body| call(world.clone(), target, body))
}

/// A call of a function, to AWS or to the provider.
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

    /// If its process ends after the call, no caller gets the result.
    async fn end(&self) {
        self.crash_if_due(true).await;
    }

    async fn crash_if_due(&self, after: bool) {
        let Self { world, invocation, number } = self;
        if world.crashes_here(invocation, *number, after) {
            let when = if after { "after" } else { "before" };
            world.log(|| format!("{} CRASHES {when} its call {number}", invocation.label()));
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
    let (target, body) = match world.mutation.bug {
        Some(bug) => bug.request(world, invocation, &target, &body).await,
        None => (target, body),
    };
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let fault = match draw_fault(&world.choices, &world.fault_rates(), &target, &asked) {
        Fault::None => Fault::None,
        fault if world.spend_fault() => fault,
        _ => Fault::None,
    };
    let suffered = suffer(world, invocation, fault, &target, &asked, &body).await;
    let answered = match world.mutation.bug {
        Some(bug) => bug.answer(invocation, &target, &asked, suffered),
        None => suffered,
    };
    call.end().await;
    answered
}

/// Applies a fault to a call.
async fn suffer(
    world: &World,
    invocation: &Invocation,
    fault: Fault,
    target: &str,
    asked: &Value,
    body: &[u8],
) -> Result<Answer, ConnectorError> {
    let marred = match fault {
        Fault::Partial | Fault::Stale => partial::answer(world, fault, target, asked).await,
        _ => None,
    };
    let fault = if marred.is_none() && matches!(fault, Fault::Partial | Fault::Stale) {
        world.return_fault();
        Fault::None
    } else {
        fault
    };
    if fault != Fault::None {
        invocation.disturb();
        if fault == Fault::Conflict {
            invocation.conflict();
        }
        *lock(&world.faults).aws.entry(fault).or_default() += 1;
    }
    match fault {
        Fault::Throttled | Fault::Internal | Fault::Conflict => {
            world.observed.call(world, invocation, target, asked, None, fault);
            return Ok(refusal(fault, asked));
        }
        Fault::CrashedBefore => {
            world.observed.call(world, invocation, target, asked, None, fault);
            return invocation.crash().await;
        }
        Fault::Slow if world.choices.happens(500) => tokio::time::sleep(slowness(&world.choices)).await,
        _ => {}
    }
    let answer = match marred {
        Some(answer) => answer,
        None => world.cloud.dispatch(target, body).await,
    };
    world.observed.call(world, invocation, target, asked, Some(&answer), fault);
    match fault {
        Fault::TimedOut => Err(timed_out()),
        Fault::Outage => {
            invocation.cut_off();
            Err(timed_out())
        }
        Fault::CrashedAfter => invocation.crash().await,
        Fault::Slow => {
            tokio::time::sleep(slowness(&world.choices)).await;
            Ok(answer)
        }
        _ => Ok(answer),
    }
}

fn timed_out() -> ConnectorError {
    ConnectorError::timeout("simulated".into())
}

/// Answers requests to the payment provider. The APIs of services are not reached: only pages call them, and show what they
/// can without them.
pub(crate) fn outbound_http(world: &Arc<World>) -> OutboundHttp {
    let world = Arc::downgrade(world);
    Arc::new(move |request| {
        if request.uri().host().is_some_and(|host| host.contains(".execute-api.")) {
            return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
        }
        Box::pin(ask(world.clone(), request))
    })
}

/// A delay that is longer than the timeout of calls to the provider.
const FAR_TOO_LATE: Duration = Duration::from_hours(1);

async fn ask(world: Weak<World>, request: http::Request<Bytes>) -> io::Result<http::Response<Bytes>> {
    let call = Called::begin(&world).await;
    let Called { world, invocation, .. } = &call;
    let mut asked = crate::provider::read(&request);
    if let Some(bug) = world.mutation.bug {
        bug.asked(world, &mut asked);
    }
    let fault = match draw_provider_fault(&world.choices, &world.fault_rates()) {
        ProviderFault::None => ProviderFault::None,
        fault if world.spend_fault() => {
            invocation.disturb();
            *lock(&world.faults).provider.entry(fault).or_default() += 1;
            fault
        }
        _ => ProviderFault::None,
    };
    let asks = format!("{} asks the provider {}", invocation.label(), what(&asked));
    let answered = match fault {
        _ if world.provider.is_silent(world) => {
            invocation.disturb();
            world.log(|| format!("{asks}: no answer"));
            tokio::time::sleep(FAR_TOO_LATE).await;
            Err(io::Error::from(io::ErrorKind::TimedOut))
        }
        ProviderFault::Unreachable => {
            world.log(|| format!("{asks}: not reached"));
            Err(io::Error::from(io::ErrorKind::ConnectionRefused))
        }
        ProviderFault::Internal => {
            world.log(|| format!("{asks}: an error of theirs"));
            Ok((500, "{}".to_owned()))
        }
        _ => {
            let said = world.provider.ask(world, &asked);
            let lost = said.lost || matches!(fault, ProviderFault::Lost | ProviderFault::Late);
            if lost {
                invocation.disturb();
            }
            let told = if lost { "done, and the answer is lost" } else { "answered" };
            world.log(|| format!("{asks}: {told}, {} ({fault:?})", said.status));
            match fault {
                ProviderFault::Late => tokio::time::sleep(FAR_TOO_LATE).await,
                // Long enough for a webhook to come and go, short enough to be waited for.
                ProviderFault::EarlyWebhook => tokio::time::sleep(Duration::from_secs(2)).await,
                _ => {}
            }
            if lost {
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            } else {
                Ok((said.status, said.body.to_string()))
            }
        }
    };
    let answered = match world.mutation.bug {
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
