//! Logs: one JSON object a line, with function, request, trace and cold-start flag from the span of
//! the invocation. Only what is named in code is logged: identifiers and counts, never input.

use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Sends logs of this process to standard output.
pub(crate) fn init() {
    let json = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).with_target(false);
    // A second call keeps the first subscriber.
    drop(tracing_subscriber::registry().with(LevelFilter::INFO).with(json).try_init());
}
