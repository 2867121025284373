//! The simulation as a world for the scenarios: its callers try again, and its clock is virtual.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use local::{
    scenarios::{Body, Reply, Request, Run, samples},
    template::Deployment,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    caller::{Caller, Operation},
    world::World,
};

/// How long everything may take to reach everybody where nothing goes wrong, and a crash is made up for. A message
/// that a crash lost to a queue comes back after six minutes at most, and a quote lasts fifteen.
const SETTLING: Duration = Duration::from_mins(7);
/// The maximum number of times that a check is repeated.
const LOOKS: u32 = 100;

/// Runs a scenario. A caller without a reply tries again, and must then get the same reply as without a failure.
pub(crate) async fn run(world: Arc<World>, key: &str) {
    let simulated = SimulatedWorld(world);
    // Everything since the beginning is republished, too.
    let run = Run::new(&simulated).with_name("since", crate::world::START.to_string());
    if let Err(error) = run.run(key).await {
        simulated.0.observed.breaks("who tries again is answered", format!("{error:#}"));
    }
}

struct SimulatedWorld(Arc<World>);

impl local::scenarios::World for SimulatedWorld {
    type Caller = Caller;

    fn deployment(&self) -> &Deployment {
        &self.0.stage.deployment
    }

    fn cloud(&self) -> &emulators::Cloud {
        &self.0.cloud
    }

    fn unique(&self) -> Uuid {
        Uuid::from_u128(self.0.random())
    }

    fn anyone(&self) -> Caller {
        Caller::anonymous(&self.0)
    }

    /// The caller of a token, from the authorizer.
    async fn bearer(&self, token: &str) -> Result<Caller> {
        let answer = self.invoke("users/authorize", &samples::authorizer_event(token)).await?;
        let said = |name: &str| answer["context"][name].as_str().unwrap_or_default().to_owned();
        ensure!(!said("principal").is_empty(), "the token is refused: {answer}");
        Ok(Caller::of_session(&self.0, said("principal"), said("session")))
    }

    async fn staff(&self, role: &'static str) -> Result<Caller> {
        let (number, roles) = match role {
            "merchant" => (1, "merchant"),
            "courier" => (2, "courier"),
            "support" => (3, "support"),
            "admin" => (5, "customer,admin"),
            _ => bail!("there is no {role}"),
        };
        Ok(Caller::new(&self.0, number, roles))
    }

    async fn call(&self, caller: &Caller, request: &Request) -> Result<Reply> {
        fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
        }
        let body = request.body.as_ref().map(|body| match body {
            Body::Json(body) => body.clone(),
            Body::Text(_, text) => text.as_str().into(),
        });
        let operation = Operation {
            function: &request.function,
            method: &request.method,
            path: &request.route,
            parameters: &borrowed(&request.parameters),
            query: &borrowed(&request.query),
            content_type: request.content_type(),
            body,
        };
        let answer = caller.call(&operation).await.with_context(|| format!("{} is not answered", request.function))?;
        let status = u16::try_from(answer.status)?;
        Ok(Reply { status, body: answer.body, retried: answer.tries > 1 })
    }

    /// Invokes a function, and again if it fails.
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        for _ in 0..3 {
            if let Ok(answer) = self.0.invoke(function, "by hand", payload).await {
                return Ok(answer);
            }
        }
        Err(anyhow!("{function} fails"))
    }

    async fn approve(&self, order: &str) -> Result<()> {
        self.0.provider.approve(&self.0, order, "approve");
        Ok(())
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> Result<bool>) -> Result<()> {
        for _ in 0..LOOKS {
            if is_so().await? {
                return Ok(());
            }
            self.settle().await?;
        }
        bail!("waited in vain until {what}")
    }

    async fn settle(&self) -> Result<()> {
        self.pass(SETTLING).await
    }

    async fn pass(&self, time: Duration) -> Result<()> {
        tokio::time::sleep(time).await;
        Ok(())
    }
}
