//! A small service that uses whatever the local stack can do. Its templates are in `probe/`.

use std::path::{Path, PathBuf};

use contracts::{Role, SessionId, UserId};
use dynamo::{Entity, Key, Table};
use garde::Validate;
use lambda::{Call, Created, Credentials, Env, Event, Found, Function, Identity, Problem, StartError, Tick};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Options, Stack, services::Service};

pub(super) const SERVICES: &[Service] = &[Service {
    name: "probe",
    about: "Functions of the tests.",
    functions: &[take_note, echo, sleep, panic, seen, trespass, authorize, tick, on_note, Function::relay],
    scenarios: Vec::new,
}];

/// The options of a stack with this service alone.
pub(super) fn options() -> Options {
    Options { template: Some(template()), services: SERVICES, ..Options::default() }
}

pub(super) fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/probe/template.yaml")
}

pub(super) async fn start() -> Stack {
    drop(tracing_subscriber::fmt().with_test_writer().try_init());
    Stack::start(options()).await.unwrap()
}

#[derive(Clone)]
struct Probe(Table);

impl lambda::Service for Probe {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self(env.table()?))
    }

    fn table(&self) -> &Table {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    id: UserId,
    text: String,
}

impl Entity for Note {
    fn key(&self) -> Key {
        Key::of("note", self.id)
    }
}

/// What was recorded, under one partition so that a query finds it.
#[derive(Serialize, Deserialize)]
struct Seen {
    what: String,
}

impl Entity for Seen {
    fn key(&self) -> Key {
        Key { pk: "seen".to_owned(), sk: self.what.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct NoteTaken {
    text: String,
}

impl contracts::Event for NoteTaken {
    const SOURCE: &'static str = "souk.probe";
    const NAME: &'static str = "NoteTaken.v1";
}

#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TakeNote {
    #[garde(length(min = 1))]
    text: String,
}

fn take_note() -> Function {
    Function::http("take-note", |probe: Probe, call: Call<TakeNote>| async move {
        let note = Note { id: call.context.ids.next(), text: call.input.text };
        let reply = Created::at(format!("/v1/notes/{}", note.id), note.text.clone());
        let commit = probe.0.commit(&call.context).save(&note).event(&NoteTaken { text: note.text.clone() });
        commit.answer(&reply).run().await?;
        Ok(reply)
    })
}

#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Echo {
    #[garde(skip)]
    word: String,
    /// How often.
    #[garde(skip)]
    times: Option<u32>,
}

fn echo() -> Function {
    Function::http("echo", |_: Probe, call: Call<Echo>| async move {
        let times = usize::try_from(call.input.times.unwrap_or(1)).unwrap_or(1);
        Ok(Found::new(vec![call.input.word; times]))
    })
    .public()
}

#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn sleep() -> Function {
    Function::http("sleep", |_: Probe, _: Call<Nothing>| async move {
        std::future::pending::<()>().await;
        Ok(Found::new("never"))
    })
    .public()
}

fn panic() -> Function {
    async fn handle(_: Probe, _: Call<Nothing>) -> Result<Found<()>, Problem> {
        panic!("as asked")
    }
    Function::http("panic", handle).public()
}

async fn what_was_seen(probe: Probe, _: Call<Nothing>) -> Result<Found<Vec<String>>, Problem> {
    let page = probe.0.query("seen").all::<Seen>().await?;
    Ok(Found::new(page.into_iter().map(|seen| seen.what).collect::<Vec<_>>()))
}

fn seen() -> Function {
    Function::invoked("seen", what_was_seen)
}

/// The same, beyond its boundary.
fn trespass() -> Function {
    Function::invoked("trespass", what_was_seen)
}

/// The token `good` is a customer's. Each time that it is asked, it has another session.
fn authorize() -> Function {
    Function::authorizer("authorize", |_: Probe, credentials: Credentials| async move {
        match credentials.token.as_deref() {
            Some("good") => Ok(Identity {
                id: UserId::from(uuid::Uuid::from_u128(42)),
                roles: vec![Role::Customer],
                session: Some(SessionId::from(uuid::Uuid::new_v4())),
                groups: Vec::new(),
                verified: false,
            }),
            Some("broken") => Err(Problem::internal("no keys")),
            _ => Err(Problem::unauthenticated("the token does not hold")),
        }
    })
}

fn tick() -> Function {
    Function::schedule("tick", |probe: Probe, tick: Tick| async move {
        probe.0.commit(&tick.context).put_record(&Seen { what: "tick".to_owned() }).run().await?;
        Ok(())
    })
}

/// Records a note, but never `poison`.
fn on_note() -> Function {
    Function::consumer("on-note", |probe: Probe, event: Event<NoteTaken>| async move {
        if event.data.text == "poison" {
            return Err(Problem::internal("as asked"));
        }
        probe.0.commit(&event.context).put_record(&Seen { what: event.data.text }).run().await?;
        Ok(())
    })
}
