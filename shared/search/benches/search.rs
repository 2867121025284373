//! How long a search takes, on one core of an idle machine: `cargo bench -p search --bench search`. It makes shops of 10,000 and 100,000 products and
//! searches each with plain words, typos, filters and nothing. Numbers of products can be given as arguments.

use std::{collections::BTreeMap, time::Instant};

use contracts::{Currency, events::catalog::Price};
use search::{Change, Document, Engine, Filter, Index, Named, Offer, Query, Signals, Snapshot, Sort, Synonyms, pack};
use uuid::Uuid;

/// The number of searches of each kind.
const SEARCHES: u64 = 400;
/// The number of products that have changed since the snapshot.
const CHANGES: usize = 500;

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// A word of a language of 50,000 words, of which few are frequent.
    fn word(&mut self) -> String {
        let limit = 1 + self.below(50_000);
        word(self.below(limit))
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn word(number: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ne", "ro", "ti", "lu", "ka", "mi", "so", "de", "gra", "ple", "sto", "wen", "fal", "hin", "jor"];
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    (0..2 + dice.below(3)).map(|_| SYLLABLES[usize::try_from(dice.below(16)).unwrap_or(0)]).collect()
}

fn product(number: u128, dice: &mut Dice) -> Document {
    let category = dice.below(40);
    let prices = [Currency::Eur, Currency::Gbp].map(|currency| {
        let amount = i64::try_from(dice.below(50_000)).unwrap_or(0);
        Price { amount, currency, valid_from: None, valid_to: None }
    });
    let options = [("size".to_owned(), dice.below(8).to_string())].into();
    let sku = format!("SKU-{number:06}").parse().expect("a SKU");
    Document {
        id: Uuid::from_u128(number).into(),
        product_version: 1,
        title: dice.words(4),
        text: dice.words(45),
        image: Some(format!("/images/{number}.jpg")),
        own_categories: Vec::new(),
        categories: vec![Named { id: Uuid::from_u128(category.into()).into(), name: word(category + 7) }],
        attributes: BTreeMap::from(["brand", "colour", "material"].map(|name| (name.to_owned(), word(dice.below(30))))),
        variants: vec![Offer { sku, options, prices: prices.into() }],
        signals: Signals { in_stock: dice.below(10) > 0, rating: None, popularity: 0 },
    }
}

fn main() {
    let given: Vec<u128> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for size in if given.is_empty() { vec![10_000, 100_000] } else { given } {
        let mut dice = Dice(7);
        let documents: Vec<_> = (0..size).map(|number| product(number, &mut dice)).collect();
        let began = Instant::now();
        let packed = pack(documents.clone()).expect("a snapshot");
        println!("{size} products: {} KB, built in {:.1?}", packed.len() / 1000, began.elapsed());
        let snapshot = Snapshot::open(packed).expect("a snapshot");
        let step = (documents.len() / CHANGES).max(1);
        let change = |one: &Document| Change { product: one.id, document: Some(one.clone()) };
        let changes: Vec<_> = documents.iter().step_by(step).map(change).collect();
        let began = Instant::now();
        let index = Index::new(snapshot, &changes, Synonyms::default()).expect("an index");
        println!("  {} changes indexed in {:.1?}", changes.len(), began.elapsed());
        for (name, query) in kinds() {
            measure(&index, name, query);
        }
    }
}

type Kind = (&'static str, fn(&mut Dice) -> Query);

fn kinds() -> [Kind; 5] {
    [
        ("words, facets", |dice| with_facets(dice.words(2))),
        ("typos, facets", |dice| {
            let mut typo = dice.word();
            typo.insert(2, 'x');
            with_facets(typo)
        }),
        ("beginning of a word", |dice| with_facets(dice.word().chars().take(3).collect())),
        ("filtered, by price", |dice| Query {
            filters: vec![Filter { name: "colour".to_owned(), values: vec![word(dice.below(30))] }],
            currency: Some(Currency::Eur),
            sort: Sort::PriceAscending,
            ..with_facets(dice.word())
        }),
        ("nothing, all facets", |_| with_facets(String::new())),
    ]
}

fn with_facets(text: String) -> Query {
    let facets = ["brand", "colour", "size"].map(str::to_owned).to_vec();
    Query { facets, ..Query::new(text, jiff::Timestamp::UNIX_EPOCH) }
}

fn measure(index: &Index, name: &str, query: fn(&mut Dice) -> Query) {
    let mut dice = Dice(11);
    let mut hits = 0;
    let mut times: Vec<_> = (0..SEARCHES)
        .map(|_| {
            let query = query(&mut dice);
            let began = Instant::now();
            hits += u64::from(index.search(&query).expect("an answer").total);
            began.elapsed()
        })
        .collect();
    times.sort();
    let at = |share: usize| times[times.len() * share / 100];
    println!("  {name:22} p50 {:8.2?}  p95 {:8.2?}  {} hits on average", at(50), at(95), hits / SEARCHES);
}
