//! Logs: one JSON object a line, with function, request, trace and cold-start flag from the span of the invocation.
//! Only explicitly named fields are logged: identifiers and counts, never input.
//!
//! The format is the same as the JSON format of tracing-subscriber. That implementation stores a span's fields as
//! text and parses the text again for each line, which takes a tenth of an invocation.

use std::fmt::{self, Debug};

use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    filter::LevelFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// Sends logs of this process to standard output.
pub(crate) fn init() {
    let lines = tracing_subscriber::fmt::layer().fmt_fields(Members).event_format(Line);
    // A second call keeps the first subscriber.
    drop(tracing_subscriber::registry().with(LevelFilter::INFO).with(lines).try_init());
}

/// An event as a line.
struct Line;

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, Members> for Line {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Members>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, r#"","level":"{}""#, event.metadata().level())?;
        Members.format_fields(writer.by_ref(), event)?;
        if let Some(span) = context.lookup_current() {
            write!(writer, r#","span":{{"name":"{}""#, span.name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<Members>>() {
                writer.write_str(fields)?;
            }
            writer.write_str("}")?;
        }
        writer.write_str("}\n")
    }
}

/// Fields as members of a JSON object, each with a comma before it.
struct Members;

impl<'a> FormatFields<'a> for Members {
    fn format_fields<R: tracing_subscriber::field::RecordFields>(&self, writer: Writer<'a>, fields: R) -> fmt::Result {
        let mut visitor = Visitor { writer, outcome: Ok(()) };
        fields.record(&mut visitor);
        visitor.outcome
    }
}

struct Visitor<'a> {
    writer: Writer<'a>,
    outcome: fmt::Result,
}

impl Visitor<'_> {
    fn member(&mut self, field: &Field, value: impl Serialize) {
        self.outcome = self.outcome.and_then(|()| {
            let value = serde_json::to_string(&value).map_err(|_| fmt::Error)?;
            write!(self.writer, r#","{}":{value}"#, field.name())
        });
    }
}

impl Visit for Visitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.member(field, format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_an_object_with_the_fields_of_its_event_and_its_span() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer().fmt_fields(Members).event_format(Line);
        let subscriber = tracing_subscriber::registry().with(layer.with_writer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("outside");
            let trace = None::<&str>;
            let _entered = tracing::info_span!("invocation", request_id = "a\"b\n", trace, cold = true).entered();
            let error: &dyn std::error::Error = &io::Error::other("no \"reason\"");
            tracing::error!(error, count = 3, receives = Some(2), kind = ?Some('x'), "it is {}", "said\u{1}");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for line in &mut lines {
            let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(time.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{time}");
        }
        let span = json!({"name": "invocation", "request_id": "a\"b\n", "cold": true});
        assert_eq!(
            lines,
            [
                json!({"level": "INFO", "message": "outside"}),
                json!({"level": "ERROR", "message": "it is said\u{1}", "error": "no \"reason\"", "count": 3,
                    "receives": 2, "kind": "Some('x')", "span": span}),
            ]
        );
    }
}
