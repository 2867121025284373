//! The modules of a crate depend on one another in one direction.
//!
//! - A module is a file: `order.rs`, `operations/place_order.rs`, `lib.rs` with what it defines itself. Inline
//!   modules belong to their file.
//! - A module depends on another one if a path of it leads there: each `use`, and each path that begins with `crate::`,
//!   `super::` or `self::`. A path leads to the file that defines the item: re-exports are followed, and are no
//!   dependency of the file that re-exports.
//! - A parent may list its children (`mod`, `pub use`, the list of functions): only a private `use` of a child is a
//!   dependency on it.
//! - What is compiled for tests only (`#[cfg(test)]`, the feature `testing`) is not read.
//!
//! Modules that lead back to themselves form a cycle: none of them can be read, tested or moved without all the others.

mod paths;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use self::paths::Source;
use super::tidy::{ROOT, rust_files};

/// A module's path in its crate; empty for `lib.rs`.
type Module = Vec<String>;

/// The modules of a crate, by its files: `operations/place_order.rs` and its text.
fn modules(files: &BTreeMap<String, String>) -> BTreeMap<Module, Source> {
    let read = files.iter().map(|(file, text)| {
        let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
        let path = if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() };
        (path, Source::read(text))
    });
    let mut modules: BTreeMap<Module, Source> = read.collect();
    let for_tests = modules.iter().flat_map(|(path, source)| {
        source.for_tests.iter().map(|name| [path.as_slice(), std::slice::from_ref(name)].concat())
    });
    let for_tests: Vec<Module> = for_tests.collect();
    modules.retain(|path, _| !for_tests.iter().any(|test| path.starts_with(test)));
    modules
}

/// The module whose file defines what a path in a module leads to; none if that is in another crate.
fn target(modules: &BTreeMap<Module, Source>, from: &[String], path: &[String]) -> Option<Module> {
    let (mut at, mut rest) = (from.to_vec(), path);
    match path.first()?.as_str() {
        "crate" => (at, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while let Some(("super", left)) = rest.split_first().map(|(first, left)| (first.as_str(), left)) {
                at.pop();
                rest = left;
            }
        }
        first => {
            let child = [from, &[first.to_owned()]].concat();
            let known = modules.contains_key(&child) || modules[from].exports.contains_key(first);
            known.then_some(())?;
        }
    }
    while let Some((name, left)) = rest.split_first() {
        let child = [at.as_slice(), std::slice::from_ref(name)].concat();
        if modules.contains_key(&child) {
            at = child;
        } else if let Some(origin) = modules.get(&at).and_then(|source| source.exports.get(name)) {
            return target(modules, &at, &[origin.as_slice(), left].concat());
        } else {
            break;
        }
        rest = left;
    }
    Some(at)
}

/// What each module depends on.
fn dependencies(modules: &BTreeMap<Module, Source>) -> BTreeMap<&Module, BTreeSet<Module>> {
    let of = |(from, source): (&Module, &Source)| {
        source.paths.iter().filter_map(|path| target(modules, from, path)).filter(|to| to != from).collect()
    };
    modules.iter().map(|(from, source)| (from, of((from, source)))).collect()
}

/// The shortest way from a module back to itself, if there is one.
fn way_back(dependencies: &BTreeMap<&Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<Module>> {
    let (mut ways, mut seen) = (VecDeque::from([vec![start.clone()]]), BTreeSet::new());
    while let Some(way) = ways.pop_front() {
        for next in dependencies.get(way.last()?).into_iter().flatten() {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// Every module on a cycle, as the shortest way back to it.
fn cycles(files: &BTreeMap<String, String>) -> Vec<String> {
    let modules = modules(files);
    let dependencies = dependencies(&modules);
    let name = |module: &Module| if module.is_empty() { "lib".to_owned() } else { module.join("::") };
    let ways = modules.keys().filter_map(|module| way_back(&dependencies, module));
    ways.map(|way| way.iter().map(name).collect::<Vec<_>>().join(" → ")).collect()
}

/// The files of a crate, without its binaries.
fn files(krate: &Path) -> BTreeMap<String, String> {
    let folder = krate.join("src");
    let files = rust_files(&folder).into_iter().map(|file| {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    });
    files.filter(|(name, _)| !name.starts_with("bin/")).collect()
}

/// The crates in a folder.
fn crates(folder: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(ROOT.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.join("src/lib.rs").is_file())
}

#[test]
fn the_modules_of_a_crate_depend_on_one_another_in_one_direction() {
    for krate in crates("shared").chain(crates("functions")) {
        let cycles = cycles(&files(&krate));
        assert!(cycles.is_empty(), "{}: cycles of modules:\n{}", krate.display(), cycles.join("\n"));
    }
}

#[test]
fn no_operation_depends_on_another() {
    let is_operation = |module: &Module| module.len() == 2 && module[0] == "operations";
    for krate in crates("functions") {
        let modules = modules(&files(&krate));
        for (from, targets) in dependencies(&modules).into_iter().filter(|(from, _)| is_operation(from)) {
            let others: Vec<_> = targets.iter().filter(|to| is_operation(to)).map(|to| to.join("::")).collect();
            let from = from.join("::");
            assert!(others.is_empty(), "{}: {from} depends on {others:?}; what they share has a file", krate.display());
        }
    }
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    cycles(&files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn a_cycle_is_found_whatever_the_form_of_its_paths() {
    let lib = ("lib.rs", "mod a;\nmod b;\npub use crate::b::Second;");
    let back = ("b.rs", "use crate::a::First;\npub struct Second(First);");
    let ways = ["a → b → a", "b → a → b"];
    for text in [
        "use crate::b::Second;",
        "use crate::Second;",
        "use crate::{\n    b as other,\n};",
        "use std::fmt; use crate::{b::{Second as Other, self}};",
        "use super::b::*;",
        "use super::Second;",
        "fn f() -> crate::b::Second { todo() }",
        "fn f() { let x: &'static str = \"}\"; super::Second::new(x) }",
        "pub mod inner { use super::super::b::Second; }",
        "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::Second;",
    ] {
        assert_eq!(found(&[lib, ("a.rs", text), back]), ways, "{text}");
    }
    let chain =
        [("lib.rs", ""), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "use crate::a::A;")];
    assert_eq!(found(&chain), ["a → b → c → a", "b → c → a → b", "c → a → b → c"]);
}

#[test]
fn a_parent_and_its_child_form_a_cycle_if_each_uses_the_other() {
    let child = ("order/refund.rs", "use super::Order;");
    let ways = ["order → order::refund → order", "order::refund → order → order::refund"];
    assert_eq!(found(&[("lib.rs", "mod order;"), ("order.rs", "mod refund;\nuse refund::Refund;"), child]), ways);
    assert_eq!(
        found(&[("lib.rs", "mod order;"), ("order/mod.rs", "mod refund;\nuse self::refund::Refund;"), child]),
        ways
    );
    let handle = ("lib.rs", "mod store;\nuse crate::store::Store;\npub struct Orders(Store);");
    assert_eq!(found(&[handle, ("store.rs", "use crate::Orders;")]), ["lib → store → lib", "store → lib → store"]);
}

#[test]
fn lists_of_children_tests_comments_and_other_crates_form_no_cycle() {
    let lib = "mod a;\nmod b;\npub use a::A;\npub use crate::b::B;\nconst ALL: &[fn()] = &[a::f, b::f];
        #[cfg(any(test, feature = \"testing\"))]\npub mod testing;\n#[cfg(test)]\nmod tests;";
    let a = "use crate::b::B;\nuse dynamo::b::C;\nuse b::C;\n/// See [`crate::testing`].\npub struct A(B);
        #[cfg(test)]\npub(crate) mod tests { use super::*; use crate::testing::X; }";
    let b = "// use crate::a::A;\n/* crate::a::A */\nconst TEXT: &str = r#\"crate::a::A \"quoted\"\"#;\nconst QUOTE: char = '\"';
        #[cfg(test)]\nfn f() -> crate::a::A { A }\n#[cfg(test)]\nuse crate::a::A;\npub struct B;";
    let tests = "use super::*;\nuse crate::{A, testing::X};";
    let testing = "use crate::A;\nuse crate::tests::X;";
    assert_eq!(
        found(&[("lib.rs", lib), ("a.rs", a), ("b.rs", b), ("tests.rs", tests), ("testing.rs", testing)]),
        [] as [&str; 0]
    );
}
