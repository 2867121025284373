//! What is found, and in which order.

use contracts::Currency;
use jiff::Timestamp;

use super::shop::{blank, category, demo, engine, price, titles};
use crate::{
    Change, Document, Engine, Error, Facet, Filter, Index, Named, Offer, Query, Rating, Snapshot, Sort, Suggestion,
    Synonyms, pack,
};

fn query(text: &str) -> Query {
    Query::new(text, Timestamp::UNIX_EPOCH)
}

fn found(index: &Index, query: &Query) -> Vec<String> {
    index.search(query).unwrap().hits.into_iter().map(|hit| hit.document.title).collect()
}

fn filter(name: &str, values: &[&str]) -> Filter {
    Filter { name: name.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect() }
}

/// A product with one variant.
fn offered(number: u128, title: &str, sku: &str, amount: i64) -> Document {
    let prices = vec![price(amount, Currency::Eur)];
    let variants = vec![Offer { sku: sku.parse().unwrap(), options: [].into(), prices }];
    Document { variants, ..blank(number, title) }
}

fn over(main: Vec<Document>, changes: &[Change]) -> Index {
    Index::new(Snapshot::open(pack(main).unwrap()).unwrap(), changes, Synonyms::default()).unwrap()
}

#[test]
fn titles_come_before_descriptions() {
    let described = Document { text: "Goes well with a zebra.".to_owned(), ..blank(2, "Lamp") };
    let index = engine(vec![blank(1, "Zebra lamp"), described, blank(3, "Chair")]);
    assert_eq!(titles(&index, "zebra"), ["Zebra lamp", "Lamp"]);
    assert_eq!(titles(&index, "ZÈBRA lamp"), ["Zebra lamp", "Lamp"]);
}

#[test]
fn a_sku_finds_its_product_and_no_similar_one() {
    let index = engine(vec![offered(1, "One", "S-12AB34", 1), offered(2, "Two", "S-12AB35", 1), blank(3, "12 ab")]);
    let hits = index.search(&query("s-12ab34")).unwrap().hits;
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].document.title.as_str(), hits[0].matched_sku.as_ref().unwrap().as_str()), ("One", "S-12AB34"));
    assert_eq!(titles(&index, "S-12AB36"), Vec::<String>::new());
    assert_eq!(index.search(&query("one")).unwrap().hits[0].matched_sku, None);
    // The beginning of a SKU finds all that begin so, while it is typed.
    assert_eq!(titles(&index, "S-12AB3"), ["Two", "One"]);
}

#[test]
fn umlauts_can_be_written_in_two_letters() {
    let index = engine(vec![blank(1, "Küchenhocker für Müller"), blank(2, "Kuechenlampe"), blank(3, "Blue")]);
    for text in ["küchenhocker", "kuechenhocker", "KUCHENHOCKER", "mueller", "müller"] {
        assert_eq!(titles(&index, text), ["Küchenhocker für Müller"], "{text}");
    }
    assert_eq!(titles(&index, "küchenlampe"), ["Kuechenlampe"]);
    assert_eq!(titles(&index, "blue"), ["Blue"]);
}

#[test]
fn forms_of_a_word_are_the_same_word() {
    let index = engine(vec![blank(1, "Häuser"), blank(2, "Folding chairs"), blank(3, "Happier dogs")]);
    for (text, title) in
        [("haus", "Häuser"), ("folds chair", "Folding chairs"), ("folded", "Folding chairs"), ("dog", "Happier dogs")]
    {
        assert_eq!(titles(&index, text), [title], "{text}");
    }
}

#[test]
fn typos_are_forgiven_where_they_are_probable() {
    let index = engine(vec![blank(1, "Lantern"), blank(2, "Mug"), blank(3, "Canvas12")]);
    let answer = index.search(&query("lantren")).unwrap();
    assert_eq!((answer.total, answer.corrected_to.as_deref()), (1, Some("lantern")));
    assert_eq!(index.search(&query("lantern")).unwrap().corrected_to, None);
    // The first letter, short words and digits must be right, and a word of seven letters forgives one typo.
    for text in ["mantern", "mog", "lontorn", "canvas13"] {
        assert_eq!(titles(&index, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_typo_is_not_looked_for_where_the_word_is_known() {
    let index = engine(vec![blank(1, "Bowl"), blank(2, "Bowls of boxes"), blank(3, "Bows")]);
    assert_eq!(titles(&index, "bows"), ["Bows"]);
}

#[test]
fn words_are_left_out_only_if_no_product_has_all() {
    let index = engine(vec![blank(1, "Red lamp"), blank(2, "Blue lamp"), blank(3, "Lamp 12")]);
    let relaxed = |text: &str| {
        let found = index.search(&query(text)).unwrap();
        (found.total, found.relaxed)
    };
    assert_eq!(relaxed("red lamp"), (1, false));
    assert_eq!(relaxed("green lamp"), (3, true));
    assert_eq!(relaxed("green 12"), (1, true));
    assert_eq!(relaxed("lamp 13"), (0, false));
    assert_eq!(relaxed("zyxwvuts qponmlkj"), (0, false));
}

#[test]
fn stock_and_popularity_move_a_product() {
    let mut sold_out = blank(3, "Lamp");
    sold_out.signals.in_stock = false;
    let mut popular = blank(1, "Lamp, popular");
    popular.signals.popularity = 8;
    let mut rated = blank(0, "Lamp, rated");
    rated.signals.rating = Some(Rating { tenths: 45, count: 3 });
    let index = engine(vec![sold_out, blank(2, "Lamp, new"), popular, rated]);
    assert_eq!(titles(&index, "lamp"), ["Lamp, popular", "Lamp, rated", "Lamp, new", "Lamp"]);
    let in_stock = Query { in_stock: true, ..query("lamp") };
    assert_eq!(index.search(&in_stock).unwrap().total, 3);
}

#[test]
fn what_changed_replaces_the_snapshot() {
    let change = |number: u128, document: Option<Document>| Change { product: blank(number, "").id, document };
    let main = vec![blank(1, "Lamp"), blank(2, "Lamp"), blank(3, "Lamp, old")];
    let changes = [
        change(1, None),
        change(3, Some(blank(3, "Lamp, between"))),
        change(3, Some(blank(3, "Chair"))),
        change(4, Some(blank(4, "Lamp, added"))),
    ];
    let index = over(main, &changes);
    assert_eq!(titles(&index, "lamp"), ["Lamp, added", "Lamp"]);
    assert_eq!(titles(&index, "chair"), ["Chair"]);
    assert_eq!(index.search(&query("")).unwrap().total, 3);
    let ids: Vec<_> = index.documents().unwrap().into_iter().map(|document| document.id).collect();
    assert_eq!(ids, [2, 3, 4].map(|number| blank(number, "").id));
}

#[test]
fn pages_hold_every_hit_once_in_every_order() {
    let documents: Vec<_> = (0..23)
        .map(|number| offered(number, "Lamp", &format!("S{number}"), i64::try_from(number % 4).unwrap()))
        .collect();
    let changes: Vec<_> =
        documents[..9].iter().map(|one| Change { product: one.id, document: Some(one.clone()) }).collect();
    let index = over(documents.clone(), &changes);
    for sort in
        [Sort::Relevance, Sort::Newest, Sort::PriceAscending, Sort::PriceDescending, Sort::Rating, Sort::BestSelling]
    {
        let mut query = Query { sort, limit: 5, currency: Some(Currency::Eur), ..query("lamp") };
        let mut seen = Vec::new();
        loop {
            let page = index.search(&query).unwrap();
            assert_eq!(page.total, 23);
            seen.extend(page.hits.into_iter().map(|hit| hit.document));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
            assert_eq!(query.after.unwrap().seen as usize, seen.len());
        }
        let prices: Vec<_> = seen.iter().map(|document| document.variants[0].prices[0].amount).collect();
        match sort {
            Sort::PriceAscending => assert!(prices.is_sorted()),
            Sort::PriceDescending => assert!(prices.iter().rev().is_sorted()),
            _ => assert!(seen.iter().rev().map(|document| document.id).is_sorted(), "{sort:?}"),
        }
        seen.sort_by_key(|document| document.id);
        assert_eq!(seen, documents, "{sort:?}");
    }
}

#[test]
fn a_facet_is_not_emptied_by_its_own_filter() {
    let coloured = |number, colour: &str| {
        let attributes = [("colour".to_owned(), colour.to_owned()), ("size".to_owned(), "L".to_owned())].into();
        Document { attributes, categories: vec![category("Lighting")], ..blank(number, "Lamp") }
    };
    let index = engine(vec![coloured(1, "red"), coloured(2, "red"), coloured(3, "blue")]);
    let facet = |facets: &[Facet], name: &str| -> Vec<(String, u32, bool)> {
        let facet = facets.iter().find(|facet| facet.name == name).unwrap();
        facet.values.iter().map(|value| (value.label.clone(), value.count, value.selected)).collect()
    };
    let value = |value: &str, count, selected| (value.to_owned(), count, selected);

    let all = index.search(&Query { facets: vec!["colour".to_owned()], ..query("lamp") }).unwrap().facets;
    assert_eq!(facet(&all, "colour"), [value("red", 2, false), value("blue", 1, false)]);
    assert_eq!(facet(&all, "category"), [value("Lighting", 3, false)]);

    let red = Query { filters: vec![filter("colour", &["red"])], facets: vec!["size".to_owned()], ..query("") };
    let answer = index.search(&red).unwrap();
    assert_eq!(answer.total, 2);
    assert_eq!(facet(&answer.facets, "colour"), [value("red", 2, true), value("blue", 1, false)]);
    assert_eq!(facet(&answer.facets, "size"), [value("L", 2, false)]);

    let either = Query { filters: vec![filter("colour", &["red", "blue"])], ..query("") };
    assert_eq!(index.search(&either).unwrap().total, 3);
    let neither = Query { filters: vec![filter("colour", &["red"]), filter("size", &["S"])], ..query("") };
    assert_eq!(index.search(&neither).unwrap().total, 0);
    assert_eq!(index.search(&query("").in_category(category("Lighting").id)).unwrap().total, 3);
    assert_eq!(index.search(&query("").in_category(category("Kitchen").id)).unwrap().total, 0);
}

#[test]
fn only_prices_that_are_valid_now_count() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut sale = offered(1, "Sale", "SALE", 500);
    sale.variants[0].prices[0].valid_to = Some(at(10));
    let later = contracts::events::catalog::Price { valid_from: Some(at(10)), ..price(2000, Currency::Eur) };
    sale.variants[0].prices.push(later);
    let index = engine(vec![sale, offered(2, "Plain", "PLAIN", 1000)]);
    let cheap = |now| Query {
        currency: Some(Currency::Eur),
        max_price: Some(1000),
        sort: Sort::PriceAscending,
        now,
        ..query("")
    };
    assert_eq!(found(&index, &cheap(at(9))), ["Sale", "Plain"]);
    assert_eq!(found(&index, &cheap(at(10))), ["Plain"]);
    let dear = Query { currency: Some(Currency::Eur), sort: Sort::PriceDescending, now: at(10), ..query("") };
    assert_eq!(found(&index, &dear), ["Sale", "Plain"]);
    let dollars = Query { currency: Some(Currency::Usd), min_price: Some(0), ..query("") };
    assert_eq!(found(&index, &dollars), Vec::<String>::new());
}

#[test]
fn a_synonym_counts_almost_as_the_word() {
    let snapshot = Snapshot::open(pack(vec![blank(1, "Couch"), blank(2, "Sofa"), blank(3, "Chair")]).unwrap()).unwrap();
    let index = Index::new(snapshot, &[], Synonyms::new([vec!["sofa", "couch"]])).unwrap();
    assert_eq!(titles(&index, "couch"), ["Couch", "Sofa"]);
    assert_eq!(titles(&index, "sofa"), ["Sofa", "Couch"]);
}

#[test]
fn what_was_begun_is_completed() {
    let index = engine(demo());
    let texts = |text: &str| -> Vec<String> {
        let suggestions = index.suggest(text, 10).unwrap().into_iter();
        suggestions
            .map(|suggestion| match suggestion {
                Suggestion::Term(text) => text,
                Suggestion::Category(_, name) => format!("in {name}"),
                Suggestion::Product(_, title) => title,
            })
            .collect()
    };
    assert_eq!(
        texts("ligh"),
        [
            "lighting",
            "light",
            "in Lighting",
            "Reading light with a clip",
            "Harbour lantern",
            "Paper moon",
            "Fold desk lamp"
        ]
    );
    assert!(texts("bread kni").contains(&"bread knife".to_owned()));
    assert_eq!(texts(""), Vec::<String>::new());
}

#[test]
fn a_renamed_category_is_completed_and_labelled_by_its_new_name_alone() {
    let seats = category("Seats");
    let renamed = Named { name: "Seating".to_owned(), ..seats.clone() };
    let named = |category: &Named| Document { categories: vec![category.clone()], ..blank(1, "Stool") };
    let change = Change { product: blank(1, "").id, document: Some(named(&renamed)) };
    let index = over(vec![named(&seats)], &[change]);
    let categories = index.suggest("seat", 10).unwrap().into_iter();
    let categories: Vec<_> = categories.filter(|one| matches!(one, Suggestion::Category(..))).collect();
    assert_eq!(categories, [Suggestion::Category(seats.id, renamed.name)]);
    let facets = index.search(&query("").in_category(seats.id)).unwrap().facets;
    let labels: Vec<_> = facets[0].values.iter().map(|value| (&*value.label, value.count)).collect();
    assert_eq!(labels, [("Seating", 1)]);
}

#[test]
fn odd_queries_are_plain_words() {
    let index = engine(vec![blank(1, "Lamp AND chair")]);
    assert_eq!(titles(&index, "\"lamp\" AND chair*"), ["Lamp AND chair"]);
    for text in ["title:x", &"a".repeat(200), "\u{1f980}\u{1f980}9", "((("] {
        index.search(&query(text)).unwrap();
        index.suggest(text, 10).unwrap();
    }
    assert_eq!(index.search(&query("\u{1f980} --")).unwrap().total, 1);
}

#[test]
fn a_broken_snapshot_is_told() {
    let packed = pack(vec![blank(1, "Lamp")]).unwrap();
    for broken in [&packed[..packed.len() - 1], &packed[..4], &[]] {
        let opened: Result<_, Error> = Snapshot::open(broken.to_vec());
        assert!(opened.is_err());
    }
}
