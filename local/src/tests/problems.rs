//! Each problem in the source has a detail.

use std::fs;

use super::tidy::{ROOT, rust_files};

/// The lines of the problems in a source that have no detail. A problem ends where the next one begins, or its function.
fn without_detail(source: &str) -> Vec<usize> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let starts: Vec<_> = ["Problem::new(", "Self::new("]
        .into_iter()
        .flat_map(|call| source.match_indices(call).map(move |(at, _)| (at, at + call.len())))
        // Only a problem begins with a status.
        .filter(|(_, status)| source[*status..].trim_start().starts_with(['4', '5']))
        .collect();
    let bare = starts.iter().filter(|(at, status)| {
        let next = starts.iter().map(|(other, _)| *other).filter(|other| other > at).min();
        let function = source[*status..].find("\n}").map(|end| status + end);
        let end = next.into_iter().chain(function).min().unwrap_or(source.len());
        !source[*status..end].contains("detail(")
    });
    bare.map(|(at, _)| source[..*at].matches('\n').count() + 1).collect()
}

#[test]
fn each_problem_has_a_detail() {
    let mut found = 0;
    let files = ["functions", "shared"].into_iter().flat_map(|folder| rust_files(&ROOT.join(folder)));
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        found += source.matches("Problem::new(").count() + source.matches("Self::new(4").count();
        let bare = without_detail(&source);
        assert!(bare.is_empty(), "{}: the problems in the lines {bare:?} have no detail", file.display());
    }
    assert!(found > 40, "only {found} problems were found");
}

#[test]
fn a_problem_without_a_detail_is_noticed() {
    let source = "fn a() {\n    Problem::new(409, \"a\", \"A\").detail(\"B\")\n}\nfn b() {\n    Self::new(422, \"b\", \"B\")\n}\n";
    assert_eq!(without_detail(source), [5]);
    let mended = source.replace("\"B\")\n}\n", "\"B\").detail(1)\n}\n");
    assert!(without_detail(&mended).is_empty());
}
