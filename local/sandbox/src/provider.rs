//! One request after the other: idempotency keys, what is kept before it is answered, and what is reported.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    Options, calls,
    journal::Journal,
    objects::{Intent, new_id},
    state::{Change, Kept, Outgoing, State},
};

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// `/v1/payment_intents`.
    pub path: String,
    /// Fields of query and form by their whole name: `metadata[order]`.
    pub parameters: BTreeMap<String, String>,
    /// The key that the caller authenticates with.
    pub api_key: Option<String>,
    /// The caller's name for this request.
    pub idempotency_key: Option<String>,
}

/// An answer, or one that is lost.
#[derive(Debug)]
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The object asked for, or an error.
    pub body: Value,
    /// Whether it is the answer of an earlier request with the same key.
    pub replayed: bool,
    /// Whether it is not to get there, though what was asked for is done.
    pub lost: bool,
}

/// An error as Stripe words it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: Value,
}

impl Refusal {
    pub(crate) fn invalid(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, error: json!({"type": "invalid_request_error", "code": code, "message": message.into()}) }
    }
}

/// What a call comes to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) change: Change,
    /// Type and object of each event.
    pub(crate) events: Vec<(&'static str, Value)>,
    pub(crate) lost: bool,
}

/// The provider, without a transport and without a clock: times are seconds since 1970.
#[derive(Debug)]
pub struct Provider {
    api_key: String,
    books: Mutex<Books>,
    /// None if there is nobody to report to.
    outbox: Option<UnboundedSender<Outgoing>>,
    /// The event types that are reported. Empty for all.
    subscribed: &'static [&'static str],
    /// The address of the pages where customers approve payments.
    pages: String,
}

#[derive(Debug)]
struct Books {
    state: State,
    journal: Journal,
}

impl Books {
    fn keep(&mut self, change: Change) -> io::Result<()> {
        if !change.is_empty() {
            self.journal.append(&change)?;
            self.state.apply(change);
        }
        Ok(())
    }
}

impl Provider {
    /// Goes on with what is kept; webhooks that were not delivered go out again.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(options: &Options, outbox: UnboundedSender<Outgoing>, now: u64) -> io::Result<Self> {
        let (journal, state) = Journal::open(options.folder.as_deref(), now)?;
        let outbox = options.webhooks.is_some().then_some(outbox);
        let subscribed = options.webhooks.as_ref().map_or(&[][..], |webhooks| webhooks.events);
        for webhook in state.webhooks.values() {
            report(outbox.as_ref(), webhook.clone());
        }
        Ok(Self {
            api_key: options.api_key.clone(),
            books: Mutex::new(Books { state, journal }),
            outbox,
            subscribed,
            pages: options.pages.clone(),
        })
    }

    /// Answers a request.
    ///
    /// # Errors
    /// When what it changes cannot be kept.
    pub fn ask(&self, asked: &Asked, now: u64) -> io::Result<Said> {
        let said = |status, body| Said { status, body, replayed: false, lost: false };
        if asked.api_key.as_deref() != Some(self.api_key.as_str()) {
            let error = json!({"type": "invalid_request_error", "message": "Invalid API Key provided"});
            return Ok(said(401, json!({"error": error})));
        }
        let books = self.books();
        let request = format!("{} {} {:?}", asked.method, asked.path, asked.parameters);
        let key = asked.idempotency_key.as_deref().filter(|_| asked.method == "POST");
        if let Some(kept) = key.and_then(|key| books.state.answered(key, now)) {
            if kept.request == request {
                return Ok(Said { replayed: true, ..said(kept.status, kept.body.clone()) });
            }
            let message =
                "Keys for idempotent requests can only be used with the same parameters they were first used with.";
            return Ok(said(400, json!({"error": {"type": "idempotency_error", "message": message}})));
        }
        let mut done = match calls::call(&books.state, asked, &self.pages, now) {
            Ok(done) => done,
            Err(Refusal { status, error }) => return Ok(said(status, json!({"error": error}))),
        };
        // What was not begun, such as a call that never arrives, is not remembered.
        if let Some(key) = key.filter(|_| !done.change.is_empty()) {
            let (key, status, body) = (key.to_owned(), done.status, done.body.clone());
            done.change.answers.push(Kept { key, request, status, body, at: now });
        }
        self.keep(books, done, now)
    }

    /// Carries out what the customer decides on the bank's page: `approve` or `refuse`.
    ///
    /// # Errors
    /// When what it changes cannot be kept.
    pub fn decide(&self, intent: &str, decision: &str, now: u64) -> io::Result<Said> {
        let books = self.books();
        match calls::decide(&books.state, intent, decision) {
            Ok(done) => self.keep(books, done, now),
            Err(Refusal { status, error }) => {
                Ok(Said { status, body: json!({"error": error}), replayed: false, lost: false })
            }
        }
    }

    /// The intent with an id, as the provider shows it.
    pub(crate) fn intent(&self, id: &str) -> Option<Value> {
        calls::intent(&self.books().state, id).ok().map(Intent::json)
    }

    /// Keeps what a call comes to, and reports it.
    fn keep(&self, mut books: MutexGuard<'_, Books>, done: Done, now: u64) -> io::Result<Said> {
        let Done { status, body, mut change, events, lost } = done;
        let webhooks = if self.outbox.is_some() { events } else { Vec::new() };
        let subscribed = |kind: &str| self.subscribed.is_empty() || self.subscribed.contains(&kind);
        let webhooks = webhooks.into_iter().filter(|(kind, _)| subscribed(kind));
        change.webhooks = webhooks.map(|(kind, object)| event(kind, &object, now)).collect();
        let reported = change.webhooks.clone();
        books.keep(change)?;
        drop(books);
        for webhook in reported {
            report(self.outbox.as_ref(), webhook);
        }
        Ok(Said { status, body, replayed: false, lost })
    }

    /// A webhook was taken.
    pub fn delivered(&self, id: String) {
        if let Err(error) = self.books().keep(Change { delivered: vec![id], ..Change::default() }) {
            tracing::error!(%error, "a delivered webhook could not be noted; it will be sent again");
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(outbox: Option<&UnboundedSender<Outgoing>>, webhook: Outgoing) {
    // Nobody delivers any more only when the provider is being stopped; the webhook is kept for the next start.
    let _ = outbox.map(|outbox| outbox.send(webhook));
}

fn event(kind: &str, object: &Value, now: u64) -> Outgoing {
    let id = new_id("evt");
    let body = json!({
        "id": id, "object": "event", "api_version": "2025-09-30.clover", "created": now, "livemode": false,
        "type": kind, "data": {"object": object},
    });
    Outgoing { id, body: body.to_string() }
}
