//! The output of every command.
//!
//! `println!` panics when the reader of a pipe has ended, as `head` does. Here it is an error, on which the command
//! ends with the exit status of other programs and prints nothing more.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

use anyhow::{Context, Result};

/// The exit status of a program that the signal `SIGPIPE` ended, as a shell reports it: 128 + 13.
pub(super) const STATUS_OF_CLOSED_PIPE: u8 = 141;

/// The reader of the standard output has ended.
#[derive(Debug, thiserror::Error)]
#[error("nothing reads the standard output any more")]
pub(super) struct ClosedPipe;

/// Writes a line to the standard output.
pub(super) fn line(text: impl fmt::Display) -> Result<()> {
    write(&mut io::stdout().lock(), &format_args!("{text}\n"))
}

/// Writes text to the standard output.
pub(super) fn text(text: &str) -> Result<()> {
    write(&mut io::stdout().lock(), &text)
}

/// Writes a line to the standard error. If it cannot be written, nothing is left to report that to.
pub(super) fn note(text: impl fmt::Display) {
    drop(writeln!(io::stderr(), "{text}"));
}

fn write(to: &mut impl Write, text: &dyn fmt::Display) -> Result<()> {
    match write!(to, "{text}").and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
        written => written.context("cannot write to the standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_a_closed_pipe_ends_a_command_quietly() {
        let error = |kind| write(&mut Failing(kind), &"text").unwrap_err();
        assert!(error(ErrorKind::BrokenPipe).is::<ClosedPipe>());
        let full = error(ErrorKind::StorageFull);
        assert!(!full.is::<ClosedPipe>());
        assert!(format!("{full:#}").starts_with("cannot write to the standard output: "), "{full:#}");
    }
}
