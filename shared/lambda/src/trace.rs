//! Traces: converts the client's trace into an X-Ray header.

/// The X-Ray header of a `traceparent` (W3C Trace Context, level 1). `None` if it must be ignored.
pub(crate) fn from_traceparent(given: &str) -> Option<String> {
    let mut parts = given.split('-');
    let mut part = |length| parts.next().filter(|part| part.len() == length && part.bytes().all(is_hexadecimal));
    let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let zero = |id: &str| id.bytes().all(|digit| digit == b'0');
    // Later versions may have more fields.
    let known = version != "ff" && (version != "00" || parts.next().is_none());
    if !known || zero(trace) || zero(span) {
        return None;
    }
    let sampled = u8::from_str_radix(flags, 16).ok()? & 1;
    Some(format!("Root=1-{}-{};Parent={span};Sampled={sampled}", &trace[..8], &trace[8..]))
}

/// Upper case is not allowed.
fn is_hexadecimal(digit: u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7";

    #[test]
    fn a_trace_goes_on_as_x_ray_writes_it() {
        for (end, sampled) in [("01", 1), ("00", 0), ("03", 1), ("02", 0)] {
            let given = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{end}");
            assert_eq!(from_traceparent(&given), Some(format!("{TRACE};Sampled={sampled}")), "{given}");
        }
    }

    #[test]
    fn later_versions_may_say_more() {
        for end in ["", "-", "-more-and-more"] {
            let given = format!("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01{end}");
            assert_eq!(from_traceparent(&given), Some(format!("{TRACE};Sampled=1")), "{given}");
        }
    }

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        for given in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01,00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(from_traceparent(given), None, "{given}");
        }
    }
}
