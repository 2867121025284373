use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(crate) fn cart(number: u128) -> Cart {
    Cart::create(Uuid::from_u128(number).into(), Uuid::from_u128(1).into(), Currency::Eur, NOW)
}

pub(crate) fn line(sku: &str, quantity: u32) -> Line {
    Line { sku: sku.parse().unwrap(), title: sku.to_owned(), quantity, seen: None, returned_at: None }
}

pub(crate) fn filled(number: u128, lines: &[(&str, u32)]) -> Cart {
    lines.iter().fold(cart(number), |cart, (sku, quantity)| cart.put(line(sku, *quantity), NOW).unwrap())
}

pub(crate) fn applied(code: &str, promotion: u128) -> AppliedCode {
    AppliedCode { code: code.parse().unwrap(), promotion: Uuid::from_u128(promotion).into() }
}

pub(crate) fn contents(cart: &Cart) -> Vec<(&str, u32)> {
    cart.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect()
}

#[test]
fn a_sku_stands_in_one_line() {
    let cart = filled(1, &[("A", 1), ("B", 2), ("A", 3)]);
    assert_eq!(contents(&cart), [("A", 3), ("B", 2)]);
    let cart = cart.remove(&"A".parse().unwrap(), NOW).unwrap();
    assert_eq!(contents(&cart), [("B", 2)]);
    assert_eq!(cart.remove(&"A".parse().unwrap(), NOW), Err(Rejection::AlreadyDone));
}

#[test]
fn a_cart_holds_forty_lines() {
    let cart = (0..40).fold(cart(1), |cart, at| cart.put(line(&format!("S{at}"), 1), NOW).unwrap());
    assert!(cart.clone().put(line("S7", 2), NOW).is_ok());
    assert_eq!(cart.clone().put(line("S40", 1), NOW), Err(Rejection::Full));
    assert_eq!(cart.merge(filled(2, &[("S40", 1)]), NOW), Err(Rejection::Full));
}

#[test]
fn a_cart_takes_over_another_and_closes_it() {
    let guests = filled(2, &[("B", 2), ("C", 999), ("D", 1)]).apply(applied("SPRING", 1), NOW).unwrap();
    let (cart, guests, event) = filled(1, &[("A", 1), ("B", 3), ("C", 999)]).merge(guests, NOW).unwrap();
    assert_eq!(contents(&cart), [("A", 1), ("B", 5), ("C", 999), ("D", 1)]);
    assert_eq!(cart.promotions, [applied("SPRING", 1)]);
    assert_eq!((contents(&guests), guests.status), (vec![], Status::Merged));
    assert_eq!(guests.merged_into, Some(cart.id));
    assert_eq!(event, CartMerged { cart: guests.id, generation: 0, into: cart.id });
    assert_eq!(cart.clone().merge(guests, NOW), Err(Rejection::Closed(Status::Merged)));
    assert_eq!(cart.clone().merge(cart, NOW), Err(Rejection::SameCart));
}

#[test]
fn a_cart_takes_over_what_did_not_fit_and_what_has_just_returned() {
    let left_out = || LeftOut { sku: "X".parse().unwrap(), title: String::new(), quantity: 1 };
    let mut from = Cart { left_out: vec![left_out()], ..filled(2, &[("A", 1)]) };
    from.lines[0].returned_at = Some(NOW);
    let (cart, from, _) = filled(1, &[("A", 1)]).merge(from, NOW).unwrap();
    assert_eq!((&cart.left_out, cart.lines[0].may_be_held(NOW)), (&vec![left_out()], true));
    assert_eq!(from.left_out, []);
}

#[test]
fn a_price_seen_in_another_currency_is_forgotten() {
    let seen = |currency| Line { seen: Some(Money::new(1, currency)), ..line("A", 1) };
    let merged = |currency| cart(1).merge(cart(2).put(seen(currency), NOW).unwrap(), NOW).unwrap().0;
    assert_eq!(merged(Currency::Gbp).lines[0].seen, None);
    assert_eq!(merged(Currency::Eur).lines[0].seen, Some(Money::new(1, Currency::Eur)));
}

#[test]
fn a_cart_has_at_most_five_promotions() {
    let code = |at: u128| applied(&format!("CODE{at}"), at);
    let cart = (0..5).fold(cart(1), |cart, at| cart.apply(code(at), NOW).unwrap());
    assert_eq!(cart.clone().apply(code(4), NOW), Err(Rejection::AlreadyDone));
    assert_eq!(cart.clone().apply(code(5), NOW), Err(Rejection::TooManyPromotions));
    assert_eq!(cart.clone().unapply(&code(5).code, NOW), Err(Rejection::AlreadyDone));
    assert_eq!(cart.unapply(&code(0).code, NOW).unwrap().promotions, [1, 2, 3, 4].map(code));
}

#[test]
fn another_code_of_a_promotion_replaces_the_one_that_the_cart_has() {
    let cart = (0..5).fold(cart(1), |cart, at| cart.apply(applied(&format!("CODE{at}"), at), NOW).unwrap());
    let replaced = cart.apply(applied("OTHER", 1), NOW).unwrap();
    assert_eq!((replaced.promotions.len(), &replaced.promotions[1]), (5, &applied("OTHER", 1)));
    assert_eq!(replaced.apply(applied("OTHER", 1), NOW), Err(Rejection::AlreadyDone));
}

#[test]
fn a_cart_that_was_stored_with_one_code_is_read_without_it() {
    let mut stored = serde_json::to_value(cart(1).apply(applied("SPRING", 1), NOW).unwrap()).unwrap();
    stored.as_object_mut().unwrap().remove("promotions");
    for before in [serde_json::json!("SPRING"), serde_json::json!(null)] {
        stored["promotion"] = before;
        let cart: Cart = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(cart.promotions, []);
    }
}

#[test]
fn an_ordered_cart_does_not_change() {
    let spring = applied("SPRING", 1);
    let cart = filled(1, &[("A", 1)]).apply(spring.clone(), NOW).unwrap();
    let cart = Cart { status: Status::Ordered, ..cart };
    assert_eq!(cart.clone().put(line("B", 1), NOW), Err(Rejection::Closed(Status::Ordered)));
    assert_eq!(cart.clone().remove(&"A".parse().unwrap(), NOW), Err(Rejection::Closed(Status::Ordered)));
    assert_eq!(cart.unapply(&spring.code, NOW), Err(Rejection::Closed(Status::Ordered)));
}

#[test]
fn what_is_absent_counts_as_removed_even_from_a_closed_cart() {
    let (sku, spring) = ("A".parse().unwrap(), "SPRING".parse().unwrap());
    let ordered = Cart { status: Status::Ordered, ..cart(1) };
    for cart in [cart(1), ordered, filled(2, &[("B", 1)]).merge(cart(1), NOW).unwrap().1] {
        assert_eq!(cart.clone().remove(&sku, NOW), Err(Rejection::AlreadyDone));
        assert_eq!(cart.unapply(&spring, NOW), Err(Rejection::AlreadyDone));
    }
}

#[test]
fn a_cart_is_abandoned_once_until_it_is_changed_again() {
    let later = NOW + IDLE_FOR;
    assert_eq!(filled(1, &[("A", 1)]).abandon(later - SignedDuration::from_secs(1)), Err(Rejection::AlreadyDone));
    assert_eq!(cart(1).abandon(later), Err(Rejection::AlreadyDone));
    let (cart, event) = filled(1, &[("A", 1), ("B", 2)]).abandon(later).unwrap();
    assert_eq!(event.units, 3);
    assert_eq!(cart.clone().abandon(later), Err(Rejection::AlreadyDone));
    assert!(cart.put(line("A", 2), later).unwrap().abandon(later + IDLE_FOR).is_ok());
}
