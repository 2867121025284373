//! The paths that a source file names, read without a parser: comments, texts and code for tests are left out.

use std::{collections::BTreeMap, iter::Peekable, str::CharIndices};

/// A path as its parts: `crate`, `order`, `Order`.
pub(super) type Names = Vec<String>;

/// What a file names.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// What it depends on, as paths from the file's own module.
    pub(super) paths: Vec<Names>,
    /// What it re-exports: name and origin.
    pub(super) exports: BTreeMap<String, Names>,
    /// Modules that it declares for tests only.
    pub(super) for_tests: Vec<String>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let tokens = tokens(text);
        let mut reader = Reader { tokens: &tokens, at: 0, inline: 0, depths: Vec::new(), found: Self::default() };
        while reader.at < reader.tokens.len() {
            reader.step();
        }
        reader.found
    }
}

struct Reader<'a> {
    tokens: &'a [&'a str],
    at: usize,
    /// How many inline modules are open, and at which depth of braces each was opened.
    inline: usize,
    depths: Vec<bool>,
    found: Source,
}

impl Reader<'_> {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn step(&mut self) {
        match (self.token(0), self.token(1)) {
            ("#", "[") => self.attribute(),
            // Not `use<'a>`.
            ("use", next) if next != "<" => self.import(),
            ("crate" | "super" | "self", "::") => {
                let mut path = vec![self.token(0).to_owned()];
                self.at += 1;
                while self.token(0) == "::" && is_name(self.token(1)) {
                    path.push(self.token(1).to_owned());
                    self.at += 2;
                }
                self.depend(path);
            }
            ("mod", _) if self.token(2) == "{" => {
                self.at += 3;
                self.depths.push(true);
                self.inline += 1;
            }
            ("{", _) => {
                self.depths.push(false);
                self.at += 1;
            }
            ("}", _) => {
                self.inline -= usize::from(self.depths.pop().unwrap_or_default());
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    /// Notes a path, as it is from the file's own module.
    fn depend(&mut self, path: Names) {
        let supers = path.iter().take_while(|name| *name == "super").count();
        match self.inline {
            0 => self.found.paths.push(path),
            _ if path[0] == "crate" => self.found.paths.push(path),
            inline if supers >= inline => {
                let left = path.into_iter().skip(inline);
                self.found.paths.push(if supers == inline {
                    [String::from("self")].into_iter().chain(left).collect()
                } else {
                    left.collect()
                });
            }
            _ => {}
        }
    }

    /// Skips an attribute, and the item after one that is for tests only.
    fn attribute(&mut self) {
        let start = self.at;
        self.skip_group();
        let attribute = &self.tokens[start..self.at];
        let for_tests = attribute.contains(&"cfg") && attribute.contains(&"test") && !attribute.contains(&"not");
        if !for_tests {
            return;
        }
        while self.token(0) == "#" {
            self.skip_group();
        }
        let item = self.at;
        while !matches!(self.token(0), ";" | "{" | "") {
            self.at += 1;
        }
        if self.token(0) == "{" {
            self.skip_group();
            // A `use` of several goes on after its braces.
            self.at += usize::from(self.token(0) == ";");
            return;
        }
        let declared = self.tokens[item..self.at].iter().skip_while(|token| **token != "mod").nth(1);
        self.found.for_tests.extend(declared.map(|name| (*name).to_owned()));
        self.at += 1;
    }

    /// Goes on after the end of the next group in brackets or braces.
    fn skip_group(&mut self) {
        let mut depth = 0;
        while self.at < self.tokens.len() {
            match self.token(0) {
                "[" | "{" | "(" => depth += 1,
                "]" | "}" | ")" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(self.tokens[self.at - 1], "]" | "}" | ")") {
                return;
            }
        }
    }

    fn import(&mut self) {
        let public = self.at.checked_sub(1).is_some_and(|before| {
            let group = self.tokens[..before].iter().rposition(|token| *token == "(");
            let in_group = self.tokens[before] == ")" && group.is_some_and(|at| at > 0 && self.tokens[at - 1] == "pub");
            self.tokens[before] == "pub" || in_group
        });
        self.at += 1;
        let mut imported = Vec::new();
        self.tree(&Vec::new(), &mut imported);
        for (path, name) in imported {
            if public {
                self.found.exports.insert(name, path);
            } else {
                self.depend(path);
            }
        }
    }

    /// Reads a tree of `use`: each path of it, and the name that it gets.
    fn tree(&mut self, prefix: &Names, imported: &mut Vec<(Names, String)>) {
        let mut path = prefix.clone();
        loop {
            match self.token(0).to_owned().as_str() {
                "{" => {
                    self.at += 1;
                    while !matches!(self.token(0), "}" | "") {
                        self.tree(&path, imported);
                        self.at += usize::from(self.token(0) == ",");
                    }
                    self.at += 1;
                    return;
                }
                "::" | "*" => self.at += 1,
                "self" if !prefix.is_empty() => self.at += 1,
                name if is_name(name) && name != "as" => {
                    path.push(name.to_owned());
                    self.at += 1;
                }
                other => {
                    let alias = (other == "as").then(|| self.token(1).to_owned());
                    self.at += if alias.is_some() { 2 } else { 0 };
                    let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
                    imported.push((path, name));
                    return;
                }
            }
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single signs; without comments, texts and characters.
fn tokens(text: &str) -> Vec<&str> {
    let (mut tokens, mut chars) = (Vec::new(), text.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            skip(&mut chars, at + rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            skip(&mut chars, at + rest.find("*/").map_or(rest.len(), |end| end + 2));
        } else if let Some(length) = text_length(rest) {
            skip(&mut chars, at + length);
        } else if rest.starts_with("::") {
            skip(&mut chars, at + 2);
            tokens.push("::");
        } else if c.is_alphanumeric() || c == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            skip(&mut chars, at + length);
            tokens.push(&rest[..length]);
        } else if !c.is_whitespace() {
            tokens.push(&rest[..c.len_utf8()]);
        }
    }
    tokens
}

fn skip(chars: &mut Peekable<CharIndices<'_>>, to: usize) {
    while chars.next_if(|(at, _)| *at < to).is_some() {}
}

/// The length of the text or the character that this begins with, if it begins with one.
fn text_length(rest: &str) -> Option<usize> {
    let plain = rest.trim_start_matches('b');
    let raw = plain.strip_prefix('r').map(|raw| raw.trim_start_matches('#'));
    if let Some(raw) = raw.filter(|raw| raw.starts_with('"')) {
        let marks = plain.len() - 1 - raw.len();
        let end = format!("\"{}", "#".repeat(marks));
        let length = raw[1..].find(&end).map_or(raw.len(), |at| 1 + at + end.len());
        return Some(rest.len() - raw.len() + length);
    }
    let quote = plain.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
    if rest.len() - plain.len() > 1 {
        return None;
    }
    // A lifetime is not a character literal.
    let mut after = plain[1..].chars();
    if quote == '\'' && after.next() != Some('\\') && after.next() != Some('\'') {
        return None;
    }
    let mut escaped = false;
    let end = plain.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    Some(rest.len() - plain.len() + end.map_or(plain.len(), |(at, _)| at + 1))
}
