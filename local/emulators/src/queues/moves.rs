//! Dead-letter redrive: `StartMessageMoveTask` and its companions. A task here is done by the time it is answered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    Queues, invalid,
    message::{self, Message},
    name_in,
};
use crate::wire::{Fault, output};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListMessageMoveTasks {
    source_arn: String,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CancelMessageMoveTask {
    task_handle: String,
}

/// A finished task, as it is listed. Remembered until the process ends.
#[expect(clippy::struct_field_names, reason = "names of the wire")]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Move {
    #[serde(skip)]
    handle: String,
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    approximate_number_of_messages_moved: usize,
    approximate_number_of_messages_to_move: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    /// Milliseconds since 1970.
    started_timestamp: i64,
}

impl Queues {
    pub(super) fn start_message_move_task(&self, request: &StartMessageMoveTask) -> Result<Vec<u8>, Fault> {
        let now_ms = self.now_ms();
        let mut state = self.state();
        let existing = |arn: &str| {
            let name = name_in(arn).and_then(|name| state.queues.get(name)).map(|queue| queue.name.clone());
            let message = format!("The resource that you specified for {arn} doesn't exist.");
            name.ok_or_else(|| Fault::new("ResourceNotFoundException", message))
        };
        let source = existing(&request.source_arn)?;
        let destination = request.destination_arn.as_deref().map(existing).transpose()?;
        if state.sources_of(&source).next().is_none() {
            return Err(invalid("Source queue must be configured as a Dead Letter Queue."));
        }

        // Each visible message becomes a new one: with a new id, a new age and no receives.
        let visible: Vec<_> = state.queues[&source].due.range(..=(now_ms, i64::MAX)).map(|(_, seq)| *seq).collect();
        let mut moved = Vec::new();
        for seq in &visible {
            let letter = &state.queues[&source].messages[seq];
            let to = destination.clone().or_else(|| letter.source.clone());
            let Some(to) = to.filter(|to| state.queues.contains_key(to)) else { continue };
            let (body, attributes, trace) = (letter.body.clone(), letter.attributes.clone(), letter.trace.clone());
            let again = Message::new(state.take_identity(), body, attributes, now_ms, now_ms);
            moved.push((*seq, to, Message { trace, ..again }));
        }
        let write = state.journal.write(|file| {
            moved.iter().try_for_each(|(seq, to, message)| {
                message::forget(file, *seq)?;
                message.record(file, to)
            })
        });
        write.map_err(Fault::internal)?;
        let failed = moved.len() < visible.len();
        let task = Move {
            handle: Uuid::new_v4().to_string(),
            status: if failed { "FAILED" } else { "COMPLETED" },
            source_arn: request.source_arn.clone(),
            destination_arn: request.destination_arn.clone(),
            approximate_number_of_messages_moved: moved.len(),
            approximate_number_of_messages_to_move: visible.len(),
            failure_reason: failed.then_some("CouldNotDetermineMessageSource"),
            started_timestamp: now_ms,
        };
        for (seq, to, message) in moved {
            state.queue(&source)?.remove(seq);
            let queue = state.queue(&to)?;
            queue.add(message);
            Arc::clone(&queue.arrival).notify_waiters();
        }
        let answer = output(&json!({ "TaskHandle": task.handle }));
        state.moves.push(task);
        answer
    }

    pub(super) fn list_message_move_tasks(&self, request: &ListMessageMoveTasks) -> Result<Vec<u8>, Fault> {
        let most = match request.max_results {
            None => 1,
            Some(most @ 1..=10) => most,
            Some(most) => return Err(invalid(format!("Value {most} for parameter MaxResults is invalid: 1 to 10."))),
        };
        let state = self.state();
        let tasks = state.moves.iter().rev().filter(|task| task.source_arn == request.source_arn);
        output(&json!({ "Results": tasks.take(most).collect::<Vec<_>>() }))
    }

    pub(super) fn cancel_message_move_task(&self, request: &CancelMessageMoveTask) -> Result<Vec<u8>, Fault> {
        let known = self.state().moves.iter().any(|task| task.handle == request.task_handle);
        Err(if known {
            invalid("Only active tasks can be cancelled.")
        } else {
            Fault::new("ResourceNotFoundException", "The task handle is not of any task.")
        })
    }
}
