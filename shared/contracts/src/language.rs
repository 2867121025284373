//! The languages that a person can be written to in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language, by its ISO 639-1 code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The code of the language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language that a header `Accept-Language` (RFC 9110) prefers. `None` if it accepts none of them. `*` stands for
    /// no language.
    pub fn accepted(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next()?.split('-').next()?;
            let language = Self::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(tag))?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            (weight > 0.0).then_some((language, weight))
        });
        // Of equal weights, the first counts.
        ranges.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_accepted() {
        for (header, language) in [
            ("de", Some(Language::De)),
            ("de-AT, en;q=0.8", Some(Language::De)),
            ("fr, en;q=0.5, DE; q=0.9", Some(Language::De)),
            ("en-GB,en,de", Some(Language::En)),
            ("de;q=0, en;q=0.1", Some(Language::En)),
            ("de;q=0", None),
            ("fr, *", None),
            ("deutsch", None),
            ("", None),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
