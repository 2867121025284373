//! A running stack as a world for scenarios.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use emulators::VirtualClock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Reply, Request, World};
use crate::{Client, Stack, demo, quiet, template::Deployment};

/// A running stack with demo accounts.
#[derive(Debug)]
pub struct StackWorld<'a> {
    stack: &'a Stack,
    /// Its clock, if it runs in single steps.
    clock: Option<VirtualClock>,
    staff: RefCell<BTreeMap<&'static str, Client>>,
}

impl<'a> StackWorld<'a> {
    /// A stack with demo accounts, and its clock if it runs in single steps.
    pub fn new(stack: &'a Stack, clock: Option<VirtualClock>) -> Self {
        Self { stack, clock, staff: RefCell::default() }
    }

    /// Whether time can pass in it.
    pub(crate) fn keeps_time(&self) -> bool {
        self.clock.is_some()
    }
}

impl World for StackWorld<'_> {
    type Caller = Client;

    fn deployment(&self) -> &Deployment {
        self.stack.deployment()
    }

    fn cloud(&self) -> &emulators::Cloud {
        self.stack.cloud()
    }

    fn unique(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn anyone(&self) -> Client {
        self.stack.client()
    }

    async fn bearer(&self, token: &str) -> Result<Client> {
        Ok(self.stack.client().with_token(token))
    }

    async fn staff(&self, role: &'static str) -> Result<Client> {
        if let Some(known) = self.staff.borrow().get(role) {
            return Ok(known.clone());
        }
        let client = demo::sign_in(&self.stack.client(), role).await?;
        self.staff.borrow_mut().insert(role, client.clone());
        Ok(client)
    }

    async fn call(&self, caller: &Client, request: &Request) -> Result<Reply> {
        let answer = request.send(caller).await?;
        let is_file = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/"));
        let body = if is_file { answer.text().into() } else { answer.json() };
        Ok(Reply { status: answer.status, body, retried: false })
    }

    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        self.stack.invoke(function, payload).await
    }

    async fn approve(&self, order: &str) -> Result<()> {
        let intents = self.stack.provider().get("/v1/payment_intents").await?.json();
        let intents = intents["data"].as_array().into_iter().flatten();
        let intent = intents.into_iter().find(|intent| intent["metadata"]["order"] == order);
        let id = intent.and_then(|intent| intent["id"].as_str()).with_context(|| format!("{order} has no intent"))?;
        let approval = json!({"decision": "approve"});
        self.stack.provider().post(&format!("{}/{id}", sandbox::PAGES), &approval).await?;
        Ok(())
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> Result<bool>) -> Result<()> {
        quiet::until(what, is_so).await
    }

    async fn settle(&self) -> Result<()> {
        quiet::settled(self.stack).await
    }

    async fn pass(&self, time: Duration) -> Result<()> {
        let clock = self.clock.as_ref().context("time passes only in a stack that runs in single steps")?;
        // What is still going on would happen at one time or the other.
        quiet::settled(self.stack).await?;
        clock.advance(time);
        // Access tokens last ten minutes.
        self.staff.borrow_mut().clear();
        Ok(())
    }
}
