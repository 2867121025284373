//! The texts of pages. Every one of them is in `locales/`, in plain sentences (Project Fluent).

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use contracts::Language;
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader};

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // Without marks of direction around values: pages are in one direction, and the marks would be in links and titles.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");

/// The texts in a language. German is shown in English until it is translated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    /// The language of the texts, for the attribute `lang`.
    pub(crate) fn tag(self) -> String {
        self.locale().to_string()
    }

    const fn locale(self) -> &'static LanguageIdentifier {
        match self.0 {
            Language::En | Language::De => &ENGLISH,
        }
    }

    /// A text.
    pub(crate) fn plain(self, key: &str) -> String {
        TEXTS.lookup(self.locale(), key)
    }

    /// A text with others in it.
    pub(crate) fn filled(self, key: &str, values: &[(&'static str, &dyn Display)]) -> String {
        let values = values.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.to_string())));
        TEXTS.lookup_with_args(self.locale(), key, &values.collect::<HashMap<_, _>>())
    }

    /// A text with a number in it, `$count`.
    pub(crate) fn counted(self, key: &str, count: u64) -> String {
        TEXTS.lookup_with_args(self.locale(), key, &counted(count))
    }

    /// A text with another one in it.
    pub(crate) fn with(self, key: &str, name: &'static str, value: &dyn Display) -> String {
        let value = FluentValue::from(value.to_string());
        TEXTS.lookup_with_args(self.locale(), key, &HashMap::from([(Cow::Borrowed(name), value)]))
    }

    /// A text, if there is one with this key.
    pub(crate) fn find(self, key: &str) -> Option<String> {
        TEXTS.try_lookup(self.locale(), key)
    }

    /// A text with a number in it, if there is one with this key.
    pub(crate) fn find_counted(self, key: &str, count: u64) -> Option<String> {
        TEXTS.try_lookup_with_args(self.locale(), key, &counted(count))
    }
}

fn counted(count: u64) -> HashMap<Cow<'static, str>, FluentValue<'static>> {
    HashMap::from([(Cow::Borrowed("count"), FluentValue::from(u32::try_from(count).unwrap_or(u32::MAX)))])
}
