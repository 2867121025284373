//! A message, and how it is recorded.

use std::sync::Arc;

use rusqlite::{Connection, Result};
use uuid::Uuid;

use super::{attributes::Attributes, invalid};
use crate::wire::Fault;

pub(super) struct Message {
    pub(super) seq: i64,
    /// `MessageId`.
    pub(super) id: Arc<str>,
    pub(super) body: Arc<str>,
    pub(super) md5: Arc<str>,
    pub(super) attributes: Option<Arc<Attributes>>,
    pub(super) sent_ms: i64,
    /// When it can be received: after its delay, or after the visibility timeout of its last receive.
    pub(super) visible_ms: i64,
    pub(super) receive_count: u32,
    pub(super) first_received_ms: Option<i64>,
    /// The queue that gave it up, if it is a dead letter.
    pub(super) source: Option<Arc<str>>,
    /// `AWSTraceHeader`.
    pub(super) trace: Option<Arc<str>>,
}

impl Message {
    pub(super) fn new(
        (seq, id): (i64, Uuid),
        body: Arc<str>,
        attributes: Option<Arc<Attributes>>,
        sent_ms: i64,
        visible_ms: i64,
    ) -> Self {
        Self {
            seq,
            id: id.to_string().into(),
            md5: md5_hex(body.as_bytes()),
            body,
            attributes,
            sent_ms,
            visible_ms,
            receive_count: 0,
            first_received_ms: None,
            source: None,
            trace: None,
        }
    }

    /// Names this message as of its last receive: a later receive makes another.
    pub(super) fn receipt_handle(&self) -> String {
        format!("{}/{}/{}", self.seq, self.receive_count, self.id)
    }

    pub(super) fn record(&self, file: &Connection, queue: &str) -> Result<()> {
        let attributes = self.attributes.as_ref().map(|attributes| attributes.to_json());
        file.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?
            .execute((
                self.seq,
                queue,
                &*self.id,
                &*self.body,
                attributes,
                self.sent_ms,
                self.visible_ms,
                self.receive_count,
                self.first_received_ms,
                self.source.as_deref(),
                self.trace.as_deref(),
            ))
            .map(drop)
    }
}

pub(super) fn forget(file: &Connection, seq: i64) -> Result<()> {
    file.prepare_cached("DELETE FROM messages WHERE seq = ?1")?.execute([seq]).map(drop)
}

pub(super) fn record_visibility(file: &Connection, seq: i64, visible_ms: i64) -> Result<()> {
    file.prepare_cached("UPDATE messages SET visible_ms = ?2 WHERE seq = ?1")?.execute((seq, visible_ms)).map(drop)
}

/// A receive: `now_ms` counts as the first one only if there was none before.
pub(super) fn record_receive(file: &Connection, seq: i64, visible_ms: i64, now_ms: i64) -> Result<()> {
    file.prepare_cached(
        "UPDATE messages SET visible_ms = ?2, receive_count = receive_count + 1,
            first_received_ms = coalesce(first_received_ms, ?3) WHERE seq = ?1",
    )?
    .execute((seq, visible_ms, now_ms))
    .map(drop)
}

pub(super) fn record_dead_letter(file: &Connection, seq: i64, from: &str, to: &str, now_ms: i64) -> Result<()> {
    file.prepare_cached("UPDATE messages SET queue = ?2, source = ?3, visible_ms = ?4 WHERE seq = ?1")?
        .execute((seq, to, from, now_ms))
        .map(drop)
}

/// All recorded messages with their queues' names.
pub(super) fn recorded(file: &Connection) -> Result<Vec<(String, Message)>> {
    let mut rows = file.prepare("SELECT * FROM messages ORDER BY seq")?;
    let rows = rows.query_map([], |row| {
        let body: Arc<str> = row.get(3)?;
        let message = Message {
            seq: row.get(0)?,
            id: row.get(2)?,
            md5: md5_hex(body.as_bytes()),
            body,
            attributes: row.get::<_, Option<String>>(4)?.and_then(|json| Attributes::from_json(&json)).map(Arc::new),
            sent_ms: row.get(5)?,
            visible_ms: row.get(6)?,
            receive_count: row.get(7)?,
            first_received_ms: row.get(8)?,
            source: row.get(9)?,
            trace: row.get(10)?,
        };
        Ok((row.get(1)?, message))
    })?;
    rows.collect()
}

/// What a receipt handle names.
pub(super) struct Receipt<'a> {
    pub(super) seq: i64,
    pub(super) receive_count: u32,
    pub(super) id: &'a str,
}

impl<'a> Receipt<'a> {
    pub(super) fn parse(handle: &'a str) -> std::result::Result<Self, Fault> {
        let parsed = || {
            let (seq, rest) = handle.split_once('/')?;
            let (receive_count, id) = rest.split_once('/')?;
            Some(Self { seq: seq.parse().ok()?, receive_count: receive_count.parse().ok()?, id })
        };
        parsed().ok_or_else(|| Fault::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid."))
    }

    /// Whether this is the handle of the message's last receive.
    pub(super) fn is_of(&self, message: &Message) -> bool {
        *message.id == *self.id && message.receive_count == self.receive_count
    }
}

/// SQS takes the characters that XML can hold.
pub(super) fn check_text(text: &str) -> std::result::Result<(), Fault> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    match text.chars().find(|c| !allowed(*c)) {
        Some(c) => Err(Fault::new(
            "InvalidMessageContents",
            format!("Invalid character {c:?} was found in the message body: it is outside what XML 1.0 allows."),
        )),
        None if text.is_empty() => Err(invalid("The request must contain a MessageBody of at least one character.")),
        None => Ok(()),
    }
}

pub(super) fn md5_hex(bytes: &[u8]) -> Arc<str> {
    format!("{:x}", md5::compute(bytes)).into()
}
