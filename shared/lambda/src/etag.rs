//! Entity tags, and the conditions of requests (RFC 9110, sections 8.8.3 and 13).
//!
//! All comparisons are weak: `W/"3"` is the same as `"3"`. For `If-Match`, section 13.1.1 requires the strong
//! comparison. This is different on purpose: an edge that compresses a response makes its tag weak, and the client
//! sends back the tag that it received. With the strong comparison, that client could change nothing. A tag is the
//! number of a version, and two representations of a version differ in their encoding only, so no change is lost.

use crate::Problem;

/// The entity tag of a version.
pub(crate) fn of_version(version: u64) -> String {
    format!("\"{version}\"")
}

/// Whether `If-None-Match` of a GET includes the version, so that the answer is 304. A malformed value is ignored: the
/// client then receives the whole representation, which is always correct.
pub(crate) fn is_known(if_none_match: Option<&str>, version: u64) -> bool {
    matches!(given(if_none_match), Ok(Some(condition)) if condition.includes(version))
}

/// The conditions of a request that changes a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preconditions {
    /// The value of `If-Match`.
    pub(crate) if_match: Option<String>,
    /// The value of `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
}

impl Preconditions {
    /// Compares the conditions with the stored version. Version 0 means that nothing is stored.
    pub(crate) fn check(&self, version: u64) -> Result<(), Problem> {
        let changed = |detail| Err(Problem::new(412, "version-changed", "The resource was changed").detail(detail));
        let is_match = given(self.if_match.as_deref())?.map(|condition| condition.includes(version));
        let is_excluded = given(self.if_none_match.as_deref())?.is_some_and(|condition| condition.includes(version));
        match is_match {
            Some(false) => changed("Read the resource again, and send its current ETag as If-Match."),
            _ if is_excluded && version > 0 => changed("If-None-Match includes the current version of the resource."),
            None if version > 0 => Err(Problem::new(428, "precondition-required", "If-Match is required")
                .detail("Send the resource's current ETag as If-Match.")),
            _ => Ok(()),
        }
    }
}

/// A parsed value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
enum Condition<'a> {
    /// `*`
    Any,
    /// A list of entity tags: the text between the quotes of each.
    OneOf(Vec<&'a str>),
}

/// The value is neither `*` nor a list of entity tags.
#[derive(Debug, PartialEq, Eq)]
struct Malformed;

impl From<Malformed> for Problem {
    /// The RFC leaves the answer open. To ignore the value would be to change a version that the client did not mean,
    /// and 412 would ask it to read the resource and fail again.
    fn from(Malformed: Malformed) -> Self {
        Self::new(400, "precondition-malformed", "If-Match or If-None-Match is malformed").detail(
            "Send the ETag as you received it, with its double quotes, such as \"3\". Separate several by commas. Or send *.",
        )
    }
}

/// The condition that a header contains. An empty header is the same as none.
fn given(header: Option<&str>) -> Result<Option<Condition<'_>>, Malformed> {
    header.map(str::trim_ascii).filter(|value| !value.is_empty()).map(Condition::parse).transpose()
}

impl<'a> Condition<'a> {
    fn parse(value: &'a str) -> Result<Self, Malformed> {
        if value == "*" {
            return Ok(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), value);
        loop {
            // A list may have empty elements (section 5.6.1.2).
            rest = rest.trim_start_matches([',', ' ', '\t']);
            if rest.is_empty() {
                return Ok(Self::OneOf(tags));
            }
            let opaque = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"').ok_or(Malformed)?;
            let (tag, after) = opaque.split_once('"').ok_or(Malformed)?;
            if tag.chars().any(|c| c <= ' ' || c == '\x7f') {
                return Err(Malformed);
            }
            tags.push(tag);
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(Malformed);
            }
        }
    }

    fn includes(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => {
                let version = version.to_string();
                tags.contains(&version.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_strong_and_weak_tags_between_commas() {
        let tags = |value| match Condition::parse(value) {
            Ok(Condition::OneOf(tags)) => tags,
            other => panic!("{value}: {other:?}"),
        };
        assert_eq!(tags("\"1\""), ["1"]);
        assert_eq!(tags("W/\"1\""), ["1"]);
        assert_eq!(tags("\"1\",W/\"2\",\"3\""), ["1", "2", "3"]);
        assert_eq!(tags("\"1\" ,\t W/\"2\"  , \"3\""), ["1", "2", "3"]);
        assert_eq!(tags(",, \"1\" , ,\"2\","), ["1", "2"], "empty elements are ignored");
        assert_eq!(tags("\"a,b\", \"W/\", \"\", \"*\", \"\\\", \"é\""), ["a,b", "W/", "", "*", "\\", "é"]);
    }

    #[test]
    fn anything_else_is_malformed() {
        for value in [
            "1",
            "\"1",
            "1\"",
            "'1'",
            "w/\"1\"",
            "W/1",
            "W \"1\"",
            "W/ \"1\"",
            "\"1\" \"2\"",
            "\"1\"\"2\"",
            "\"1\";\"2\"",
            "\"1\", 2",
            "\"a b\"",
            "\"a\tb\"",
            "\"a\u{7f}\"",
            "*, \"1\"",
            "\"1\", *",
            "**",
            "W/*",
            "\"a\"b\"",
        ] {
            assert_eq!(Condition::parse(value), Err(Malformed), "{value}");
        }
    }

    #[test]
    fn a_version_is_known_by_any_spelling_of_its_tag() {
        for value in ["\"7\"", "W/\"7\"", "\"0\", \"7\"", "\"0\",W/\"7\"", "*", " * ", "\"6\"\t,\"7\""] {
            assert!(is_known(Some(value), 7), "{value}");
        }
        for value in ["\"8\"", "\"77\"", "\"07\"", "\"6\", \"8\"", "", "7", "\"7", "\"7\", *", "\"6,7\""] {
            assert!(!is_known(Some(value), 7), "{value}");
        }
        assert!(!is_known(None, 7));
        assert_eq!(of_version(7), "\"7\"");
    }

    /// The status of the refusal, or 200.
    fn status(if_match: &str, if_none_match: &str, version: u64) -> u16 {
        let header = |value: &str| Some(value.to_owned()).filter(|value| value != "absent");
        let conditions = Preconditions { if_match: header(if_match), if_none_match: header(if_none_match) };
        conditions.check(version).map_or_else(|problem| problem.status(), |()| 200)
    }

    #[test]
    fn a_stored_version_is_changed_by_who_names_it() {
        for tags in ["\"7\"", "W/\"7\"", "\"0\",\"7\"", "W/\"6\" , W/\"7\"", "*"] {
            assert_eq!(status(tags, "absent", 7), 200, "{tags}");
        }
        for tags in ["\"8\"", "W/\"8\"", "\"6\", \"8\"", ",", "\"6,7\""] {
            assert_eq!(status(tags, "absent", 7), 412, "{tags}");
        }
        for tags in ["7", "\"7", "\"7\" \"8\"", "*, \"7\""] {
            assert_eq!(status(tags, "absent", 7), 400, "{tags}");
        }
        assert_eq!((status("absent", "absent", 7), status("", "absent", 7)), (428, 428));
    }

    #[test]
    fn what_is_not_stored_needs_no_condition_and_has_no_version() {
        for (tags, expected) in [("absent", 200), ("", 200), ("*", 200), ("\"1\"", 412), ("1", 400)] {
            assert_eq!(status(tags, "absent", 0), expected, "{tags}");
        }
    }

    #[test]
    fn if_none_match_creates_only_what_is_not_stored() {
        assert_eq!((status("absent", "*", 0), status("absent", "\"1\"", 0), status("absent", "1", 0)), (200, 200, 400));
        assert_eq!((status("absent", "*", 7), status("*", "*", 7), status("\"7\"", "W/\"7\"", 7)), (412, 412, 412));
        assert_eq!((status("\"7\"", "\"6\"", 7), status("absent", "\"6\"", 7)), (200, 428));
    }
}
