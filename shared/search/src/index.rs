//! The engine on tantivy: a snapshot, and what has changed since.

use std::{cmp::Reverse, sync::Arc};

use contracts::ProductId;

use crate::{
    Document, Engine, Error, Found, Hit, Place, Query, Sort, Suggestion, Synonyms,
    facets::{self, Counts, Values},
    fold::chunks,
    score::{Scores, Side},
    segment::{self, Segment},
    suggest,
    units::{Unit, units},
    weights::WEIGHTS,
};

/// Packs documents into a snapshot. Of documents of the same product, the last one counts.
///
/// # Errors
/// [`Error`] if they cannot be packed.
pub fn pack(documents: Vec<Document>) -> Result<Vec<u8>, Error> {
    segment::build(documents)
}

/// A snapshot that was opened. Cheap to clone.
#[derive(Clone)]
pub struct Snapshot(Arc<Segment>);

impl Snapshot {
    /// Opens what [`pack`] made.
    ///
    /// # Errors
    /// [`Error`] if it is something else.
    pub fn open(packed: impl Into<Arc<[u8]>>) -> Result<Self, Error> {
        Ok(Self(Arc::new(Segment::open(packed.into())?)))
    }

    /// The number of its documents.
    pub fn documents(&self) -> u32 {
        self.0.len()
    }
}

/// What has become of a product since a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The product.
    pub product: ProductId,
    /// Its document. `None` if it is no longer on sale.
    pub document: Option<Document>,
}

/// A snapshot with the changes since. The changes are an index of their own, and the documents that they replace are
/// masked in the snapshot.
pub struct Index {
    main: Snapshot,
    delta: Segment,
    masked: Vec<bool>,
    synonyms: Synonyms,
}

/// The most hits that can be paged through.
const MOST_HITS: u32 = 1000;

impl Index {
    /// Puts changes over a snapshot. Of changes of the same product, the last one counts.
    ///
    /// # Errors
    /// [`Error`] if the changes cannot be indexed.
    pub fn new(main: Snapshot, changes: &[Change], synonyms: Synonyms) -> Result<Self, Error> {
        let last: std::collections::BTreeMap<_, _> = changes.iter().map(|change| (change.product, change)).collect();
        let documents = last.values().filter_map(|change| change.document.clone()).collect();
        let delta = Segment::open(segment::build(documents)?.into())?;
        let mut masked = Vec::new();
        for doc in last.keys().filter_map(|product| main.0.find(*product)) {
            masked.resize(main.0.len() as usize, false);
            masked[doc as usize] = true;
        }
        Ok(Self { main, delta, masked, synonyms })
    }

    /// All documents, the oldest product first.
    ///
    /// # Errors
    /// [`Error`] if the index is broken.
    pub fn documents(&self) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::new();
        for side in self.sides() {
            for doc in (0..side.segment.len()).filter(|doc| side.alive(*doc)) {
                documents.push(side.segment.document(doc)?);
            }
        }
        documents.sort_by_key(|document| document.id);
        Ok(documents)
    }

    pub(crate) fn sides(&self) -> [Side<'_>; 2] {
        [Side { segment: &self.main.0, masked: &self.masked }, Side { segment: &self.delta, masked: &[] }]
    }

    /// Scores all units, with typos or without.
    fn scores(&self, units: &[Unit], typos: bool) -> Result<Vec<Scores>, Error> {
        let sides = self.sides();
        let all = units.iter().enumerate();
        all.map(|(at, unit)| Scores::of(unit, &sides, at + 1 == units.len(), typos)).collect()
    }

    /// The documents that match all units, each with its score.
    fn matching(&self, scores: &[Scores]) -> Vec<Matching> {
        let sides = self.sides();
        let documents = sides.iter().map(|side| side.segment.len()).sum();
        let rarities: Vec<_> = scores.iter().map(|one| one.rarity(documents)).collect();
        let mut matching = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            for doc in (0..side.segment.len()).filter(|doc| side.alive(*doc)) {
                let mut sum = Some(0.0);
                for (one, rarity) in scores.iter().zip(&rarities) {
                    let score = one.get(at, doc);
                    sum = sum.filter(|_| score > 0.0).map(|sum| sum + score * rarity);
                }
                matching.extend(sum.map(|score| Matching { side: at, doc, score }));
            }
        }
        matching
    }

    /// The documents that match a text, and how it was understood.
    fn understood(&self, text: &str) -> Result<Understood, Error> {
        let mut units = units(text, &self.synonyms);
        let searched = !units.is_empty();
        let mut scores = self.scores(&units, false)?;
        let mut matching = self.matching(&scores);
        let mut corrected_to = None;
        if matching.is_empty() && searched {
            let unknown: Vec<_> = scores.iter().map(|one| one.documents == 0).collect();
            scores = self.scores(&units, true)?;
            matching = self.matching(&scores);
            corrected_to = self.corrected(&units, &scores, &unknown)?;
        }
        let mut relaxed = false;
        while matching.is_empty() {
            let droppable = (0..units.len()).filter(|at| !units[*at].digits);
            let Some(rarest) = droppable.min_by_key(|at| scores[*at].documents) else { break };
            if units.len() == 1 {
                break;
            }
            units.remove(rarest);
            scores.remove(rarest);
            matching = self.matching(&scores);
            relaxed = !matching.is_empty();
        }
        Ok(Understood { matching, relaxed, corrected_to: corrected_to.filter(|_| searched) })
    }

    /// The text with its unknown words replaced by what they mean, if any is.
    fn corrected(&self, units: &[Unit], scores: &[Scores], unknown: &[bool]) -> Result<Option<String>, Error> {
        let mut any = false;
        let mut words = Vec::new();
        for ((unit, scores), unknown) in units.iter().zip(scores).zip(unknown) {
            for word in unit.words() {
                let meant = scores.meant(word).filter(|_| *unknown);
                any |= meant.is_some();
                words.push(meant.map_or_else(|| Ok(word.clone()), |meant| suggest::shown(&self.sides(), meant))?);
            }
        }
        Ok(any.then(|| words.join(" ")))
    }

    fn segment(&self, side: usize) -> &Segment {
        if side == 0 { &self.main.0 } else { &self.delta }
    }

    /// Whether a document has a price that the query asks for.
    fn has_price(&self, query: &Query, one: Matching) -> Result<bool, Error> {
        let Some(currency) = query.currency.filter(|_| query.min_price.or(query.max_price).is_some()) else {
            return Ok(true);
        };
        let range = query.min_price.unwrap_or(0)..=query.max_price.unwrap_or(i64::MAX);
        let segment = self.segment(one.side);
        if segment.facts(one.doc).windows {
            let document = segment.document(one.doc)?;
            let mut valid = document.prices_at(query.now).filter(|price| price.currency == currency);
            return Ok(valid.any(|price| range.contains(&price.amount)));
        }
        Ok(segment.amounts(one.doc, currency).any(|amount| range.contains(&amount)))
    }

    /// The place of a document in the order of a query.
    fn place(&self, query: &Query, one: Matching) -> Result<Place, Error> {
        let segment = self.segment(one.side);
        let facts = segment.facts(one.doc);
        let lowest = || -> Result<Option<u64>, Error> {
            let Some(currency) = query.currency else { return Ok(None) };
            let lowest = if facts.windows {
                segment.document(one.doc)?.price_at(Some(currency), query.now).map(|(lowest, ..)| lowest)
            } else {
                segment.amounts(one.doc, currency).min()
            };
            Ok(lowest.map(|amount| u64::try_from(amount).unwrap_or(0)))
        };
        let key = match query.sort {
            Sort::Relevance => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
                let key = (one.score * WEIGHTS.product(facts.popularity, facts.in_stock) * 10_000.0) as u64;
                key
            }
            Sort::Newest => 0,
            Sort::PriceAscending => lowest()?.map_or(0, |amount| u64::MAX - amount),
            Sort::PriceDescending => lowest()?.map_or(0, |amount| amount + 1),
            Sort::Rating => facts.rating.into(),
            Sort::BestSelling => facts.popularity.into(),
        };
        let rating = if query.sort == Sort::Newest { 0 } else { facts.rating };
        let id = segment.product(one.doc);
        Ok(Place { seen: 0, key, rating, id })
    }
}

/// A document that matches.
#[derive(Debug, Clone, Copy)]
struct Matching {
    side: usize,
    doc: u32,
    score: f32,
}

struct Understood {
    matching: Vec<Matching>,
    relaxed: bool,
    corrected_to: Option<String>,
}

type Order = Reverse<(u64, u8, ProductId)>;

impl Place {
    fn order(self) -> Order {
        Reverse((self.key, self.rating, self.id))
    }
}

impl Engine for Index {
    fn search(&self, query: &Query) -> Result<Found, Error> {
        let Understood { matching, relaxed, corrected_to } = self.understood(&query.text)?;
        let names = facets::names(query);
        let mut values = Vec::new();
        for side in self.sides() {
            values.push(Values::of(side.segment, &names, &query.filters)?);
        }
        let (mut places, mut numbers) = (Vec::new(), Vec::new());
        for one in matching {
            let segment = self.segment(one.side);
            if (query.in_stock && !segment.facts(one.doc).in_stock) || !self.has_price(query, one)? {
                continue;
            }
            segment.values_of(one.doc, &mut numbers);
            if values[one.side].count(&numbers) {
                places.push((self.place(query, one)?, one));
            }
        }
        let mut counts = Counts::new();
        for (side, values) in self.sides().iter().zip(&values) {
            values.add_to(side.segment, &mut counts)?;
        }
        let total = u32::try_from(places.len()).unwrap_or(u32::MAX);
        if let Some(after) = query.after {
            places.retain(|(place, _)| place.order() > after.order());
        }
        if query.limit < places.len() {
            places.select_nth_unstable_by_key(query.limit, |(place, _)| place.order());
        }
        let more = places.len() > query.limit;
        places.truncate(query.limit);
        places.sort_by_key(|(place, _)| place.order());
        let seen = query.after.map_or(0, |after| after.seen) + u32::try_from(places.len()).unwrap_or(0);
        let last = places.last().filter(|_| more && seen < MOST_HITS);
        let next = last.map(|(place, _)| Place { seen, ..*place });
        let mut hits = Vec::new();
        for (_, one) in &places {
            let document = self.segment(one.side).document(one.doc)?;
            hits.push(Hit { matched_sku: matched_sku(&query.text, &document), document });
        }
        let facets = facets::facets(&names, &query.filters, counts);
        Ok(Found { hits, total, facets, relaxed, corrected_to, next })
    }

    fn suggest(&self, text: &str, limit: usize) -> Result<Vec<Suggestion>, Error> {
        let mut suggestions = suggest::words(&self.sides(), text, limit)?;
        let query = Query { limit, ..Query::new(text, jiff::Timestamp::UNIX_EPOCH) };
        let found = if chunks(text).next().is_some() { self.search(&query)?.hits } else { Vec::new() };
        let left = limit.saturating_sub(suggestions.len());
        let products = found.into_iter().map(|hit| Suggestion::Product(hit.document.id, hit.document.title));
        suggestions.extend(products.take(left));
        Ok(suggestions)
    }
}

/// The SKU of a product that a text names.
fn matched_sku(text: &str, document: &Document) -> Option<contracts::Sku> {
    let joined = |text: &str| chunks(text).map(|chunk| chunk.joined()).collect::<Vec<_>>();
    let typed = joined(text);
    let skus = document.variants.iter().map(|variant| &variant.sku);
    skus.filter(|sku| joined(sku.as_str()).iter().any(|sku| typed.contains(sku))).min().cloned()
}
