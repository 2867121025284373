//! The golden set: what people want to see when they type certain words in the demo shop.

use std::collections::BTreeMap;

use super::shop::{demo, engine, titles};
use crate::{Engine, Query};

const GOLDEN: &str = include_str!("golden.txt");
/// The least quality of the first ten hits, on average: 1 is the best possible order.
const LEAST_NDCG: f64 = 0.9;
/// The least share of single typos that are forgiven.
const LEAST_FORGIVEN: f64 = 0.95;

/// Each query, and what each product is worth for it.
fn golden() -> Vec<(&'static str, BTreeMap<&'static str, u32>)> {
    let lines = GOLDEN.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let (query, products) = line.split_once(": ").unwrap();
        let products = products.split(" | ").map(|one| one.split_once(' ').unwrap());
        (query, products.map(|(grade, title)| (title, grade.parse().unwrap())).collect())
    };
    lines.map(read).collect()
}

/// The normalised discounted cumulative gain of the first ten hits.
fn ndcg(hits: &[String], grades: &BTreeMap<&str, u32>) -> f64 {
    let gain = |grades: &mut dyn Iterator<Item = u32>| -> f64 {
        (1_u32..)
            .zip(grades.take(10))
            .map(|(place, grade)| f64::from(2_u32.pow(grade) - 1) / f64::from(place + 1).log2())
            .sum()
    };
    let mut best: Vec<u32> = grades.values().copied().collect();
    best.sort_unstable();
    let ideal = gain(&mut best.into_iter().rev());
    gain(&mut hits.iter().map(|title| grades.get(&**title).copied().unwrap_or(0))) / ideal
}

#[test]
fn every_product_of_the_golden_set_exists() {
    let demo = demo();
    for (query, grades) in golden() {
        for title in grades.keys() {
            assert!(demo.iter().any(|document| document.title == *title), "{query}: there is no {title}");
        }
    }
    assert!(golden().len() >= 60);
}

#[test]
fn people_find_what_they_look_for() {
    let engine = engine(demo());
    let mut sum = 0.0;
    let mut poor = Vec::new();
    for (query, grades) in golden() {
        let hits = titles(&engine, query);
        let quality = ndcg(&hits, &grades);
        sum += quality;
        if quality < LEAST_NDCG {
            poor.push(format!("{quality:.2} {query}: {hits:?}"));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few queries")]
    let mean = sum / golden().len() as f64;
    assert!(mean >= LEAST_NDCG, "NDCG@10 is {mean:.3}:\n{}", poor.join("\n"));
    println!("NDCG@10 {mean:.3}\n{}", poor.join("\n"));
}

/// A word with one typo at each place behind the first letter: a letter lost, doubled, wrong, or changed with the next.
fn typos(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut typos = Vec::new();
    for at in 1..letters.len() {
        let mut lost = letters.clone();
        lost.remove(at);
        let mut doubled = letters.clone();
        doubled.insert(at, letters[at]);
        let mut wrong = letters.clone();
        wrong[at] = if letters[at] == 'x' { 'q' } else { 'x' };
        typos.extend([lost, doubled, wrong]);
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            typos.push(swapped);
        }
    }
    typos.into_iter().map(String::from_iter).filter(|typo| typo.len() > 3 && typo != word).collect()
}

#[test]
fn single_typos_are_forgiven() {
    let demo = demo();
    let engine = engine(demo.clone());
    let (mut all, mut missed) = (0_u32, Vec::new());
    for document in &demo {
        let words = document.title.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
        for word in words.filter(|word| word.len() >= 4) {
            for typo in typos(&word) {
                all += 1;
                let query = Query { limit: 100, ..Query::new(&*typo, jiff::Timestamp::UNIX_EPOCH) };
                let found = engine.search(&query).unwrap();
                if !found.hits.iter().any(|hit| hit.document.id == document.id) {
                    missed.push(format!("{typo} for {word}"));
                }
            }
        }
    }
    let forgiven = 1.0 - f64::from(u32::try_from(missed.len()).unwrap()) / f64::from(all);
    println!("{:.2} % of {all} typos are forgiven", 100.0 * forgiven);
    assert!(forgiven >= LEAST_FORGIVEN, "{:.1} % of {all} typos are forgiven, not {missed:?}", 100.0 * forgiven);
}
