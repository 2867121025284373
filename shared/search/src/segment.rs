//! One index of tantivy: how documents are put into it, and what can be asked of it.

use std::{ops::Range, sync::Arc};

use contracts::{Currency, ProductId};
use tantivy::{
    DocId, Index, IndexSettings, InvertedIndexReader, SegmentReader, TantivyDocument,
    columnar::{Column, StrColumn},
    directory::RamDirectory,
    postings::TermInfo,
    schema::{Field as Place, IndexRecordOption, STORED, Schema, SchemaBuilder, TextOptions, Value},
    store::StoreReader,
};
use uuid::Uuid;

use crate::{Document, Error, blob, words::indexed};

/// The memory for the hash table of a build. Above it, tantivy only grows.
const MEMORY: usize = 15_000_000;
/// The blocks of stored documents that are kept unpacked.
const BLOCKS_KEPT: usize = 8;

/// The columns and terms of an index.
struct Layout {
    schema: Schema,
    terms: Place,
    facets: Place,
    prices: Place,
    facts: Place,
    id: [Place; 2],
    body: Place,
}

impl Layout {
    fn new() -> Self {
        let mut schema = SchemaBuilder::new();
        Self {
            terms: schema.add_bytes_field("terms", tantivy::schema::INDEXED),
            facets: schema.add_text_field("facets", TextOptions::default().set_fast("raw")),
            prices: schema.add_u64_field("prices", tantivy::schema::FAST),
            facts: schema.add_u64_field("facts", tantivy::schema::FAST),
            id: ["high", "low"].map(|name| schema.add_u64_field(name, tantivy::schema::FAST)),
            body: schema.add_bytes_field("body", STORED),
            schema: schema.build(),
        }
    }
}

/// An index of documents in the order of their ids.
pub(crate) struct Segment {
    reader: SegmentReader,
    terms: Arc<InvertedIndexReader>,
    store: StoreReader,
    body: Place,
    id: [Column<u64>; 2],
    prices: Column<u64>,
    facts: Column<u64>,
    facets: Option<StrColumn>,
}

/// What is known of a document without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) in_stock: bool,
    /// Whether prices begin or end, so that the column of prices is not enough.
    pub(crate) windows: bool,
    pub(crate) popularity: u8,
    /// Tenths; 0 if not rated.
    pub(crate) rating: u8,
}

impl Facts {
    fn of(document: &Document) -> Self {
        let signals = &document.signals;
        let rating = signals.rating.map_or(0, |rating| rating.tenths);
        Self { in_stock: signals.in_stock, windows: document.has_windows(), popularity: signals.popularity, rating }
    }

    fn packed(self) -> u64 {
        u64::from_le_bytes([u8::from(self.in_stock), u8::from(self.windows), self.popularity, self.rating, 0, 0, 0, 0])
    }

    fn unpacked(packed: u64) -> Self {
        let [in_stock, windows, popularity, rating, ..] = packed.to_le_bytes();
        Self { in_stock: in_stock != 0, windows: windows != 0, popularity, rating }
    }
}

/// A price in a column: the letters of the currency, 5 bits each, above 49 bits of the amount.
const AMOUNT_BITS: u32 = 49;

fn currency_bits(currency: Currency) -> u64 {
    currency.code().bytes().fold(0, |bits, letter| bits << 5 | u64::from(letter & 31))
}

/// Builds an index. Of documents with the same id, the last one counts.
pub(crate) fn build(documents: Vec<Document>) -> Result<Vec<u8>, Error> {
    let layout = Layout::new();
    let directory = RamDirectory::create();
    let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
    let builder = Index::builder().schema(layout.schema.clone()).settings(settings);
    let mut writer = builder.single_segment_index_writer(directory.clone(), MEMORY).map_err(Error::broken)?;
    for document in in_order(documents) {
        writer.add_document(entry(&layout, &document)?).map_err(Error::broken)?;
    }
    let index = writer.finalize().map_err(Error::broken)?;
    let files = index.load_metas().map_err(Error::broken)?.list_segment_files();
    let files = files.into_iter().chain(["meta.json".into()]).filter(|path| directory.exists_file(path));
    let mut files: Vec<_> = files.collect();
    files.sort();
    blob::pack(&directory, files)
}

fn in_order(mut documents: Vec<Document>) -> Vec<Document> {
    documents.reverse();
    documents.sort_by_key(|document| document.id);
    documents.dedup_by_key(|document| document.id);
    documents
}

fn entry(layout: &Layout, document: &Document) -> Result<TantivyDocument, Error> {
    let mut entry = TantivyDocument::new();
    for term in indexed(document) {
        entry.add_bytes(layout.terms, &term);
    }
    for (name, value, label) in document.facets() {
        let label = if label == value { "" } else { label };
        entry.add_text(layout.facets, format!("{name}\0{value}\0{label}"));
    }
    let mut prices: Vec<_> = document
        .variants
        .iter()
        .flat_map(|variant| &variant.prices)
        .map(|price| {
            let amount = u64::try_from(price.amount).unwrap_or(0).min((1 << AMOUNT_BITS) - 1);
            currency_bits(price.currency) << AMOUNT_BITS | amount
        })
        .collect();
    prices.sort_unstable();
    prices.dedup();
    for price in prices {
        entry.add_u64(layout.prices, price);
    }
    entry.add_u64(layout.facts, Facts::of(document).packed());
    let id = document.id.uuid().as_u64_pair();
    entry.add_u64(layout.id[0], id.0);
    entry.add_u64(layout.id[1], id.1);
    entry.add_bytes(layout.body, &serde_json::to_vec(document).map_err(Error::broken)?);
    Ok(entry)
}

trait Files {
    fn exists_file(&self, path: &std::path::Path) -> bool;
}

impl Files for RamDirectory {
    fn exists_file(&self, path: &std::path::Path) -> bool {
        tantivy::Directory::exists(self, path).unwrap_or(false)
    }
}

impl Segment {
    /// Opens what [`build`] made.
    pub(crate) fn open(packed: Arc<[u8]>) -> Result<Self, Error> {
        let index = Index::open(blob::Blob::open(packed)?).map_err(Error::broken)?;
        let segments = index.searchable_segments().map_err(Error::broken)?;
        let segment = segments.first().ok_or_else(|| Error::broken("an index without a segment"))?;
        let reader = SegmentReader::open(segment).map_err(Error::broken)?;
        let field = |name: &str| index.schema().get_field(name).map_err(Error::broken);
        let numbers = |name: &str| reader.fast_fields().u64(name).map_err(Error::broken);
        Ok(Self {
            terms: reader.inverted_index(field("terms")?).map_err(Error::broken)?,
            store: reader.get_store_reader(BLOCKS_KEPT).map_err(Error::broken)?,
            body: field("body")?,
            id: [numbers("high")?, numbers("low")?],
            prices: numbers("prices")?,
            facts: numbers("facts")?,
            facets: reader.fast_fields().str("facets").map_err(Error::broken)?,
            reader,
        })
    }

    /// The number of documents.
    pub(crate) fn len(&self) -> u32 {
        self.reader.max_doc()
    }

    fn id(&self, doc: DocId) -> u128 {
        let half = |column: &Column<u64>| u128::from(column.first(doc).unwrap_or(0));
        half(&self.id[0]) << 64 | half(&self.id[1])
    }

    pub(crate) fn product(&self, doc: DocId) -> ProductId {
        Uuid::from_u128(self.id(doc)).into()
    }

    /// The document of a product.
    pub(crate) fn find(&self, product: ProductId) -> Option<DocId> {
        let wanted = product.uuid().as_u128();
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(crate) fn document(&self, doc: DocId) -> Result<Document, Error> {
        let stored: TantivyDocument = self.store.get(doc).map_err(Error::broken)?;
        let body = stored.get_first(self.body).and_then(|value| value.as_bytes());
        let body = body.ok_or_else(|| Error::broken("a document without a body"))?;
        serde_json::from_slice(body).map_err(Error::broken)
    }

    pub(crate) fn facts(&self, doc: DocId) -> Facts {
        Facts::unpacked(self.facts.first(doc).unwrap_or(0))
    }

    /// All amounts of a currency that a document has at any time, in ascending order.
    pub(crate) fn amounts(&self, doc: DocId, currency: Currency) -> impl Iterator<Item = i64> {
        let bits = currency_bits(currency);
        let prices = self.prices.values_for_doc(doc).filter(move |price| price >> AMOUNT_BITS == bits);
        prices.map(|price| i64::try_from(price & ((1 << AMOUNT_BITS) - 1)).unwrap_or(i64::MAX))
    }

    /// The dictionary of terms.
    pub(crate) fn terms(&self) -> &tantivy::termdict::TermDictionary {
        self.terms.terms()
    }

    /// Passes each document of a term.
    pub(crate) fn each(&self, term: &TermInfo, mut f: impl FnMut(DocId)) -> Result<(), Error> {
        let option = IndexRecordOption::Basic;
        let mut postings = self.terms.read_block_postings_from_terminfo(term, option).map_err(Error::broken)?;
        while !postings.docs().is_empty() {
            postings.docs().iter().for_each(|doc| f(*doc));
            postings.advance();
        }
        Ok(())
    }

    /// The number of different values.
    pub(crate) fn value_count(&self) -> usize {
        self.facets.as_ref().map_or(0, |facets| facets.num_terms())
    }

    /// The numbers of the values whose text begins with a prefix. Values are numbered in the order of their texts.
    pub(crate) fn values(&self, prefix: &str) -> Result<Range<u64>, Error> {
        use std::ops::Bound;
        let Some(facets) = &self.facets else { return Ok(0..0) };
        // Every prefix that is asked for ends in a zero, so 1 is its first byte that is too much.
        let end = [prefix.trim_end_matches('\0').as_bytes(), &[1]].concat();
        let bounds =
            facets.dictionary().term_bounds_to_ord(Bound::Included(prefix.as_bytes()), Bound::Excluded(&end[..]));
        let all = facets.num_terms() as u64;
        let at = |bound| match bound {
            Bound::Included(ord) | Bound::Excluded(ord) => u64::min(ord, all),
            Bound::Unbounded => all,
        };
        let (low, high) = bounds.map_err(Error::broken)?;
        Ok(at(low)..at(high))
    }

    /// The text of a value: its name, itself and its label, separated by zeros.
    pub(crate) fn value(&self, number: u64) -> Result<String, Error> {
        let mut text = String::new();
        if let Some(facets) = &self.facets {
            facets.ord_to_str(number, &mut text).map_err(Error::broken)?;
        }
        Ok(text)
    }

    /// Replaces what is in `numbers` by the numbers of the values of a document.
    pub(crate) fn values_of(&self, doc: DocId, numbers: &mut Vec<u64>) {
        numbers.clear();
        numbers.extend(self.facets.iter().flat_map(|facets| facets.term_ords(doc)));
    }
}
