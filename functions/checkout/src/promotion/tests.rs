use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LATER: Timestamp = Timestamp::constant(60, 0);
const LAST: Timestamp = Timestamp::constant(120, 0);

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::Eur)
}

fn draft(benefit: Benefit, terms: Terms) -> Draft {
    let code = Some("SPRING".parse().unwrap());
    Draft { name: None, code, benefit, terms, rules: Rules::default(), limits: Limits::default() }
}

fn create(draft: Draft) -> Result<(Promotion, PromotionChanged), Rejection> {
    Promotion::create(Uuid::from_u128(1).into(), draft, NOW)
}

pub(crate) fn promotion(benefit: Benefit, terms: Terms) -> Promotion {
    create(draft(benefit, terms)).unwrap().0
}

/// A promotion with another code. Its id is made from the code, so that ids sort as codes do.
pub(crate) fn named(code: &str, promotion: Promotion) -> Promotion {
    let mut id = [0; 16];
    id.iter_mut().zip(code.bytes()).for_each(|(to, from)| *to = from);
    Promotion { id: Uuid::from_bytes(id).into(), code: Some(code.parse().unwrap()), ..promotion }
}

/// A promotion without a code.
pub(crate) fn automatic(number: u128, benefit: Benefit, terms: Terms) -> Promotion {
    Promotion { id: Uuid::from_u128(number).into(), code: None, ..promotion(benefit, terms) }
}

pub(crate) fn percentage(percent: &str) -> Benefit {
    Benefit::Percentage(percent.parse().unwrap())
}

fn unused() -> Usage {
    Usage::none(Uuid::from_u128(1).into())
}

fn with_total(total: u32) -> Limits {
    Limits { total: Some(total), per_customer: None }
}

#[test]
fn a_promotion_holds_at_its_time_and_in_its_currency() {
    let holds = |promotion: &Promotion, now| promotion.holds(Currency::Eur, now);
    let with = |terms| promotion(percentage("10"), terms);
    let late = with(Terms { valid_from: Some(LATER), ..Terms::default() });
    assert_eq!((holds(&late, NOW), holds(&late, LATER)), (Err(Rejection::NotYet(LATER)), Ok(())));
    let early = with(Terms { valid_to: Some(LATER), ..Terms::default() });
    assert_eq!((holds(&early, NOW), holds(&early, LATER)), (Ok(()), Err(Rejection::Ended)));
    let large = with(Terms { minimum: Some(eur(5000).into()), ..Terms::default() });
    assert_eq!(
        (holds(&large, NOW), large.holds(Currency::Jpy, NOW)),
        (Ok(()), Err(Rejection::OnlyIn(vec![Currency::Eur])))
    );
    let fixed = promotion(Benefit::Fixed(eur(500).into()), Terms::default());
    assert_eq!(
        (holds(&fixed, NOW), fixed.holds(Currency::Gbp, NOW)),
        (Ok(()), Err(Rejection::OnlyIn(vec![Currency::Eur])))
    );
    let paused = Promotion { paused: true, ..fixed };
    assert_eq!(holds(&paused, NOW), Err(Rejection::Paused));
}

#[test]
fn what_is_for_single_customers_needs_an_account() {
    let holds = |promotion: Promotion| promotion.holds(Currency::Eur, NOW);
    let first = promotion(percentage("10"), Terms { first_order: true, ..Terms::default() });
    assert_eq!(holds(first.clone()), Err(Rejection::NeedsAccount));
    let limits = Limits { total: None, per_customer: Some(1) };
    assert_eq!(holds(Promotion { terms: Terms::default(), limits, ..first }), Err(Rejection::NeedsAccount));
}

#[test]
fn a_promotion_ends_once() {
    let (ended, event) = promotion(percentage("10"), Terms::default()).end(NOW).unwrap();
    assert_eq!((event.status, event.code.as_deref()), (PromotionStatus::Ended, Some("SPRING")));
    assert_eq!(ended.holds(Currency::Eur, NOW), Err(Rejection::Ended));
    assert_eq!(ended.clone().end(NOW), Err(Rejection::Ended));
    assert_eq!(ended.clone().update(ended.settings(), &unused(), NOW), Err(Rejection::Ended));
}

#[test]
fn a_promotion_that_could_never_take_anything_off_is_refused() {
    let refused = |benefit, terms| create(draft(benefit, terms)).unwrap_err();
    assert_eq!(refused(percentage("0"), Terms::default()), Rejection::Nothing("/percent"));
    assert_eq!(refused(Benefit::Fixed(eur(0).into()), Terms::default()), Rejection::Nothing("/amount"));
    let over = Terms { valid_to: Some(NOW), ..Terms::default() };
    assert_eq!(refused(percentage("1"), over), Rejection::NeverValid);
    let elsewhere = Terms { minimum: Some(Money::new(1, Currency::Gbp).into()), ..Terms::default() };
    assert_eq!(refused(Benefit::Fixed(eur(1).into()), elsewhere), Rejection::MinimumElsewhere);
    let both = Terms { minimum: Some(Amounts(vec![Money::new(1, Currency::Gbp), eur(1)])), ..Terms::default() };
    assert!(create(draft(Benefit::Fixed(eur(1).into()), both)).is_ok());
}

#[test]
fn a_promotion_is_named_after_its_discount_unless_it_has_a_name() {
    let name = |name: Option<&str>| {
        let draft = Draft { name: name.map(str::to_owned), ..draft(percentage("10"), Terms::default()) };
        create(draft).unwrap().0.name
    };
    assert_eq!((name(None), name(Some("Sale"))), ("10 % off".to_owned(), "Sale".to_owned()));
}

#[test]
fn a_promotion_says_whether_it_can_be_applied() {
    let mut promotion = promotion(percentage("10"), Terms { valid_from: Some(LATER), ..Terms::default() });
    promotion.terms.valid_to = Some(LAST);
    promotion.limits = with_total(2);
    let used = Usage { redeemed: 1, held: 1, ..unused() };
    assert_eq!(promotion.status(&unused(), NOW), PromotionStatus::Scheduled);
    assert_eq!(promotion.status(&unused(), LATER), PromotionStatus::Active);
    assert_eq!(promotion.status(&used, LATER), PromotionStatus::Exhausted);
    assert_eq!(promotion.status(&used, LAST), PromotionStatus::Ended);
    promotion.paused = true;
    assert_eq!(promotion.status(&used, LATER), PromotionStatus::Paused);
}

#[test]
fn what_a_change_names_is_changed_and_nothing_else() {
    let before = promotion(percentage("10"), Terms { valid_to: Some(LAST), ..Terms::default() });
    let update = |settings| before.clone().update(settings, &unused(), NOW);
    assert_eq!(update(before.settings()), Ok(None));
    let settings = Settings {
        name: "Sale".to_owned(),
        valid_from: Some(LATER),
        valid_to: None,
        limits: with_total(3),
        priority: 1,
        paused: true,
    };
    let (after, event) = update(settings).unwrap().unwrap();
    let terms = Terms { valid_from: Some(LATER), valid_to: None, ..Terms::default() };
    let rules = Rules { priority: 1, ..Rules::default() };
    let expected =
        Promotion { name: "Sale".to_owned(), terms, rules, limits: with_total(3), paused: true, ..before.clone() };
    assert_eq!((after, event.status), (expected, PromotionStatus::Paused));
    assert_eq!(update(Settings { valid_from: Some(LAST), ..before.settings() }), Err(Rejection::NeverValid));
    assert_eq!(update(Settings { valid_to: Some(NOW), ..before.settings() }), Err(Rejection::NeverValid));
}

#[test]
fn a_limit_is_at_least_what_is_used_and_held() {
    let used = Usage { redeemed: 2, held: 1, ..unused() };
    let limit = |total| {
        let before = promotion(percentage("10"), Terms::default());
        let settings = Settings { limits: with_total(total), ..before.settings() };
        before.update(settings, &used, NOW)
    };
    assert_eq!(limit(2), Err(Rejection::LimitBelowUsage { redeemed: used.redeemed, held: used.held }));
    assert_eq!(limit(3).unwrap().unwrap().1.status, PromotionStatus::Exhausted);
}

#[test]
fn promotions_are_taken_together_if_each_names_the_level_of_the_other() {
    let of = |level, with: &[Level]| {
        let combines_with = with.iter().copied().collect();
        let rules = Rules { level: Some(level), combines_with, ..Rules::default() };
        Promotion { rules, ..promotion(percentage("10"), Terms::default()) }
    };
    let item = of(Level::Item, &[Level::Order]);
    assert!(item.combines_with(&of(Level::Order, &[Level::Item])));
    assert!(!item.combines_with(&of(Level::Order, &[])) && !of(Level::Order, &[]).combines_with(&item));
    assert!(!item.combines_with(&item), "the same level must be named too");
    assert!(of(Level::Item, &[Level::Item]).combines_with(&of(Level::Item, &[Level::Item])));
}
