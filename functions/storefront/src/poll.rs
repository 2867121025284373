//! How a part of a page gets itself anew while something goes on.

/// The seconds until the first time.
const FIRST: u32 = 2;
/// The longest wait in seconds.
const LONGEST: u32 = 30;

/// The next time that a part of a page gets itself: later each time, so that a page that is left open asks little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poll {
    /// What it gets.
    pub(crate) path: String,
    /// The seconds until then.
    pub(crate) seconds: u32,
}

impl Poll {
    /// After a wait of some seconds, if there was one. The path may have a query.
    pub(crate) fn after(waited: Option<u32>, path: &str) -> Self {
        let seconds = waited.map_or(FIRST, |waited| waited.clamp(FIRST, LONGEST) * 3 / 2).min(LONGEST);
        let mark = if path.contains('?') { '&' } else { '?' };
        Self { path: format!("{path}{mark}waited={seconds}"), seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_up_to_half_a_minute() {
        let mut waits = vec![Poll::after(None, "/live").seconds];
        while waits.len() < 11 {
            waits.push(Poll::after(waits.last().copied(), "/live").seconds);
        }
        assert_eq!(waits, [2, 3, 4, 6, 9, 13, 19, 28, 30, 30, 30]);
        assert_eq!(Poll::after(Some(u32::MAX), "/live").seconds, LONGEST);
        assert_eq!(Poll::after(Some(0), "/live").seconds, 3);
    }

    #[test]
    fn the_wait_stands_in_the_query() {
        assert_eq!(Poll::after(None, "/live").path, "/live?waited=2");
        assert_eq!(Poll::after(Some(2), "/live?state=placed").path, "/live?state=placed&waited=3");
    }
}
