use contracts::Currency;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    promotion::{
        Amounts, BuyXGetY, Items, Rules, Terms, UnitSet,
        tests::{self, percentage, promotion},
    },
    rates::tests::{country, option},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const ALL: [Level; 3] = [Level::Item, Level::Order, Level::Shipping];

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::Eur)
}

fn good(sku: &str, cents: i64, quantity: u32) -> Good {
    let (product, left) = (Uuid::from_u128(1).into(), eur(cents).times(quantity).unwrap());
    Good {
        sku: sku.parse().unwrap(),
        product,
        categories: Vec::new(),
        unit_price: eur(cents),
        quantity,
        left,
        on_sale: false,
        used: 0,
    }
}

fn named(code: &str, benefit: Benefit, level: Level, with: &[Level]) -> Promotion {
    let rules = Rules { level: Some(level), combines_with: with.iter().copied().collect(), ..Rules::default() };
    Promotion { rules, ..tests::named(code, promotion(benefit, Terms::default())) }
}

fn at(priority: u32, promotion: Promotion) -> Promotion {
    Promotion { rules: Rules { priority, ..promotion.rules.clone() }, ..promotion }
}

fn for_items(items: Items, promotion: Promotion) -> Promotion {
    Promotion { rules: Rules { items, ..promotion.rules.clone() }, ..promotion }
}

fn fixed(amount: i64) -> Benefit {
    Benefit::Fixed(eur(amount).into())
}

fn only(skus: &[&str]) -> Items {
    Items { skus: skus.iter().map(|sku| sku.parse().unwrap()).collect(), ..Items::default() }
}

fn buy(x: u32, of: Items, y: u32, from: Items, percent: &str) -> Benefit {
    let (buy, get) = (UnitSet { quantity: x, items: of }, UnitSet { quantity: y, items: from });
    Benefit::BuyXGetY(Box::new(BuyXGetY { buy, get, percent: percent.parse().unwrap(), max_times: None }))
}

/// A promotion, and what it took off in all, or why it did not apply.
type Told = (String, Result<i64, Rejection>);

/// What each promotion took off in all, or why it did not apply, and what is left to pay for each line.
fn taken(promotions: &[Promotion], goods: &[Good], shipping: Option<&ShippingOption>) -> (Vec<Told>, Vec<i64>) {
    let sale = Sale { zero: eur(0), now: NOW, country: None, groups: &[], option: shipping, exhausted: &[] };
    let outcome = apply(promotions, goods.to_vec(), &sale).unwrap();
    let mut left: Vec<_> = goods.iter().map(|good| good.left.amount).collect();
    for saving in outcome.verdicts.iter().filter_map(|verdict| verdict.saving.as_ref().ok()) {
        left.iter_mut().zip(&saving.lines).for_each(|(left, off)| *left -= off.amount);
    }
    let verdict = |Verdict { promotion, saving }: Verdict<'_>| {
        (promotion.label(), saving.map(|saving| saving.total().unwrap().amount))
    };
    (outcome.verdicts.into_iter().map(verdict).collect(), left)
}

/// What one promotion takes off each line.
fn off(benefit: Benefit, level: Level, goods: &[Good]) -> Vec<i64> {
    let (_, left) = taken(&[named("ONE", benefit, level, &[])], goods, None);
    goods.iter().zip(left).map(|(good, left)| good.left.amount - left).collect()
}

#[test]
fn items_come_before_the_order_whatever_was_applied_first() {
    let order = named("ORDER", fixed(500), Level::Order, &[Level::Item]);
    let item = named("ITEM", percentage("10"), Level::Item, &[Level::Order]);
    // 10 % of 200.00, then 5.00 of the 180.00 that are left.
    let (verdicts, left) = taken(&[order, item], &[good("A", 10_000, 2)], None);
    assert_eq!(verdicts, [("ITEM".to_owned(), Ok(2000)), ("ORDER".to_owned(), Ok(500))]);
    assert_eq!(left, [17_500]);
}

#[test]
fn two_percentages_on_one_line_are_each_of_what_is_left_and_rounded_once() {
    let with = |code: &str, percent| named(code, percentage(percent), Level::Item, &[Level::Item]);
    // 9.99 × 10 % = 0.999, rounded 1.00. 8.99 × 20 % = 1.798, rounded 1.80. 7.19 are left, and not 9.99 × 0.72 = 7.1928.
    let (verdicts, left) = taken(&[at(1, with("TEN", "10")), with("TWENTY", "20")], &[good("A", 999, 1)], None);
    assert_eq!(verdicts, [("TEN".to_owned(), Ok(100)), ("TWENTY".to_owned(), Ok(180))]);
    assert_eq!(left, [719]);
}

#[test]
fn of_what_does_not_combine_the_larger_saving_wins_unless_another_has_priority() {
    let share = named("SHARE", percentage("10"), Level::Order, &[]);
    let little = named("LITTLE", fixed(300), Level::Order, &[]);
    let first = at(1, named("FIRST", fixed(200), Level::Order, &[]));
    let goods = [good("A", 10_000, 1)];
    let refused = |code: &str| (code.to_owned(), Err(Rejection::NotCombined));
    let (verdicts, _) = taken(&[little.clone(), share.clone()], &goods, None);
    assert_eq!(verdicts, [("SHARE".to_owned(), Ok(1000)), refused("LITTLE")]);
    let (verdicts, left) = taken(&[little, share, first], &goods, None);
    assert_eq!(
        (verdicts, left),
        (vec![("FIRST".to_owned(), Ok(200)), refused("LITTLE"), refused("SHARE")], vec![9800])
    );
}

#[test]
fn a_promotion_that_saves_nothing_blocks_no_other() {
    let idle = at(1, named("IDLE", Benefit::FixedPrice(eur(10_001).into()), Level::Item, &[]));
    let share = named("SHARE", percentage("10"), Level::Order, &[]);
    let (verdicts, _) = taken(&[idle, share], &[good("A", 10_000, 1)], None);
    assert_eq!(verdicts, [("SHARE".to_owned(), Ok(1000)), ("IDLE".to_owned(), Err(Rejection::NotCombined))]);
}

#[test]
fn a_gift_is_given_as_often_as_the_promotion_allows() {
    let most = |max_times| match buy(1, Items::default(), 1, Items::default(), "100") {
        Benefit::BuyXGetY(rule) => Benefit::BuyXGetY(Box::new(BuyXGetY { max_times, ..*rule })),
        other => other,
    };
    let given = |max_times| off(most(max_times), Level::Item, &[good("A", 1000, 6)]);
    assert_eq!((given(None), given(Some(2)), given(Some(9))), (vec![3000], vec![2000], vec![3000]));
}

#[test]
fn of_equal_savings_the_older_promotion_wins() {
    let made = |code: &str, second| Promotion {
        created_at: Timestamp::constant(second, 0),
        ..named(code, fixed(300), Level::Order, &[])
    };
    let (verdicts, _) = taken(&[made("YOUNG", 2), made("OLD", 1)], &[good("A", 10_000, 1)], None);
    assert_eq!(verdicts[0], ("OLD".to_owned(), Ok(300)));
}

#[test]
fn a_percentage_of_items_is_rounded_on_each_line_and_of_an_order_once() {
    let goods = [good("A", 333, 1), good("B", 333, 1), good("C", 334, 1)];
    // 10 % of 3.33 are 0.333 and of 3.34 are 0.334. 10 % of 10.00 are 1.00, and the odd cent goes to the largest remainder.
    assert_eq!(off(percentage("10"), Level::Item, &goods), [33, 33, 33]);
    assert_eq!(off(percentage("10"), Level::Order, &goods), [33, 33, 34]);
}

#[test]
fn a_fixed_amount_is_at_most_what_there_is() {
    let goods = [good("A", 100, 1), good("B", 300, 1)];
    assert_eq!(off(fixed(10), Level::Order, &goods), [3, 7], "2.5 and 7.5: the odd cent goes to the earlier line");
    assert_eq!(off(fixed(10_000), Level::Order, &goods), [100, 300]);
    let one = for_items(only(&["B"]), named("ONE", fixed(400), Level::Item, &[]));
    assert_eq!(taken(&[one], &goods, None).1, [100, 0]);
}

#[test]
fn a_fixed_price_holds_for_each_unit_and_raises_none() {
    let goods = [good("A", 1000, 3), good("B", 500, 2)];
    assert_eq!(off(Benefit::FixedPrice(eur(800).into()), Level::Item, &goods), [600, 0]);
}

#[test]
fn the_cheapest_of_three_is_free_and_all_three_share_the_saving() {
    let free = || buy(2, Items::default(), 1, Items::default(), "100");
    // 10.00 of 60.00 are free: half of it belongs to 30.00, a third to 20.00, a sixth to 10.00.
    assert_eq!(
        off(free(), Level::Item, &[good("A", 3000, 1), good("B", 2000, 1), good("C", 1000, 1)]),
        [500, 333, 167]
    );
    assert_eq!(
        off(free(), Level::Item, &[good("C", 1000, 1), good("A", 3000, 1), good("B", 2000, 1)]),
        [167, 500, 333]
    );
    assert_eq!(off(free(), Level::Item, &[good("A", 1000, 7)]), [2000], "twice in seven");
}

#[test]
fn buy_x_get_y_over_overlapping_sets_spares_the_units_that_can_be_given() {
    let (lamps, bulbs) = (only(&["LAMP", "KIT"]), only(&["KIT", "BULB"]));
    let free = || buy(1, lamps.clone(), 1, bulbs.clone(), "100");
    let all = [good("LAMP", 5000, 1), good("KIT", 7000, 1), good("BULB", 500, 1)];
    // The kit is in both sets. It is the dearest, so it is bought. The bulb is given, and 5.00 are shared by 70.00 and 5.00.
    assert_eq!(off(free(), Level::Item, &all), [0, 467, 33]);
    // Without the bulb the kit must be given, though it is dearer: 70.00 are shared by 50.00 and 70.00.
    assert_eq!(off(free(), Level::Item, &all[..2]), [2917, 4083]);
    // Three units of both sets suffice once, and four twice.
    assert_eq!(off(free(), Level::Item, &[good("KIT", 7000, 3)]), [7000]);
    assert_eq!(off(free(), Level::Item, &[good("KIT", 7000, 4)]), [14_000]);
}

#[test]
fn buy_x_get_y_over_separate_sets_applies_as_often_as_both_suffice() {
    let half = buy(2, only(&["LAMP"]), 1, only(&["BULB"]), "50");
    let goods = |lamps, bulbs| [good("LAMP", 5000, lamps), good("BULB", 1000, bulbs)];
    let saved = |goods: [Good; 2]| off(half.clone(), Level::Item, &goods).iter().sum::<i64>();
    assert_eq!((saved(goods(5, 9)), saved(goods(9, 1)), saved(goods(1, 9))), (1000, 500, 0));
    let Benefit::BuyXGetY(rule) = half.clone() else { unreachable!() };
    let once = Benefit::BuyXGetY(Box::new(BuyXGetY { max_times: Some(1), ..*rule }));
    assert_eq!(off(once, Level::Item, &goods(5, 9)).iter().sum::<i64>(), 500);
}

#[test]
fn a_unit_serves_one_promotion_that_counts_units() {
    let free = |code: &str| named(code, buy(1, Items::default(), 1, Items::default(), "100"), Level::Item, &ALL);
    let (verdicts, left) = taken(&[free("ONE"), free("TWO")], &[good("A", 1000, 3)], None);
    assert_eq!(verdicts, [("ONE".to_owned(), Ok(1000)), ("TWO".to_owned(), Err(Rejection::NoItems))]);
    assert_eq!(left, [2000]);
}

#[test]
fn shipping_is_free_from_a_value_of_items_after_their_promotions() {
    let standard = option("standard", eur(500), None);
    let free = Promotion {
        terms: Terms { minimum: Some(eur(4500).into()), ..Terms::default() },
        ..named("FREE", Benefit::FreeShipping { options: Vec::new() }, Level::Shipping, &ALL)
    };
    let item = named("ITEM", percentage("10"), Level::Item, &ALL);
    let order = named("ORDER", percentage("10"), Level::Order, &ALL);
    let verdicts = |promotions: &[&Promotion], quantity| {
        let promotions: Vec<_> = promotions.iter().map(|promotion| (*promotion).clone()).collect();
        taken(&promotions, &[good("A", 2500, quantity)], Some(&standard)).0
    };
    assert_eq!(verdicts(&[&free], 1), [("FREE".to_owned(), Err(Rejection::Below(eur(4500))))]);
    assert_eq!(verdicts(&[&free], 2), [("FREE".to_owned(), Ok(500))]);
    // Items of 45.00 after 10 % are enough, and what the order takes off then does not count.
    assert_eq!(verdicts(&[&free, &item, &order], 2)[2], ("FREE".to_owned(), Ok(500)));
    let half = Promotion { benefit: percentage("11"), ..item };
    assert_eq!(verdicts(&[&free, &half], 2)[1], ("FREE".to_owned(), Err(Rejection::Below(eur(4500)))));
}

#[test]
fn shipping_is_priced_for_what_is_left_and_less_by_its_promotions() {
    let standard = option("standard", eur(500), Some(eur(1000)));
    let shipping = |benefit| named("SHIP", benefit, Level::Shipping, &ALL);
    let with = |promotions: &[Promotion]| taken(promotions, &[good("A", 1000, 1)], Some(&standard)).0;
    // From 10.00 on, shipping is free by itself. With 1.00 off it is not.
    assert_eq!(with(&[shipping(percentage("50"))]), [("SHIP".to_owned(), Ok(0))]);
    let one = named("ONE", fixed(100), Level::Order, &ALL);
    assert_eq!(with(&[shipping(percentage("50")), one.clone()])[1], ("SHIP".to_owned(), Ok(250)));
    assert_eq!(with(&[shipping(fixed(900)), one])[1], ("SHIP".to_owned(), Ok(500)));
    let express = shipping(Benefit::FreeShipping { options: vec!["express".to_owned()] });
    assert_eq!(with(&[express]), [("SHIP".to_owned(), Err(Rejection::NoItems))]);
}

#[test]
fn a_promotion_whose_minimum_is_no_longer_reached_blocks_no_other() {
    let item = named("ITEM", percentage("50"), Level::Item, &[Level::Order]);
    let large = Promotion {
        terms: Terms { minimum: Some(eur(900).into()), ..Terms::default() },
        ..at(1, named("LARGE", fixed(100), Level::Order, &[Level::Item]))
    };
    let other = named("OTHER", fixed(200), Level::Order, &[Level::Item]);
    let (verdicts, left) = taken(&[item, large, other], &[good("A", 1000, 1)], None);
    let applied = [("ITEM".to_owned(), Ok(500)), ("OTHER".to_owned(), Ok(200))];
    assert_eq!(verdicts[..2], applied);
    assert_eq!((&verdicts[2], left), (&("LARGE".to_owned(), Err(Rejection::Below(eur(900)))), vec![300]));
}

#[test]
fn a_promotion_that_does_not_apply_says_why() {
    let why = |change: fn(&mut Promotion)| {
        let mut promotion = named("ONE", percentage("10"), Level::Order, &[]);
        change(&mut promotion);
        taken(&[promotion], &[good("A", 1000, 2)], None).0.remove(0).1.unwrap_err()
    };
    assert_eq!(why(|promotion| promotion.terms.minimum_quantity = Some(3)), Rejection::TooFew(3));
    assert_eq!(
        why(|promotion| promotion.terms.countries = vec![country("DE")]),
        Rejection::OtherCountry(vec![country("DE")])
    );
    assert_eq!(why(|promotion| promotion.terms.minimum = Some(eur(2001).into())), Rejection::Below(eur(2001)));
    assert_eq!(why(|promotion| promotion.rules.items = only(&["B"])), Rejection::NoItems);
    assert_eq!(why(|promotion| promotion.ended_at = Some(NOW)), Rejection::Ended);
    assert_eq!(
        why(|promotion| promotion.benefit = Benefit::Fixed(Money::new(1, Currency::Usd).into())),
        Rejection::OnlyIn(vec![Currency::Usd])
    );
    assert_eq!(why(|promotion| promotion.paused = true), Rejection::Paused);
    // Only what matches counts.
    assert_eq!(
        why(|promotion| {
            promotion.rules.items = only(&["A"]);
            promotion.terms.minimum_quantity = Some(3);
        }),
        Rejection::TooFew(3)
    );
}

#[test]
fn five_promotions_are_taken_together() {
    let promotions: Vec<_> = (0..7).map(|at| named(&format!("ONE{at}"), fixed(1), Level::Order, &ALL)).collect();
    let (verdicts, left) = taken(&promotions, &[good("A", 1000, 1)], None);
    assert_eq!((verdicts.iter().filter(|(_, saving)| saving.is_ok()).count(), left), (MOST_TAKEN, vec![995]));
    assert_eq!(verdicts[6], ("ONE6".to_owned(), Err(Rejection::NotCombined)));
}

#[test]
fn a_promotion_that_was_used_up_takes_nothing_off() {
    let (one, other) = (named("ONE", percentage("10"), Level::Order, &[]), named("TWO", fixed(1), Level::Order, &[]));
    let sale = Sale { zero: eur(0), now: NOW, country: None, groups: &[], option: None, exhausted: &[one.id] };
    let promotions = [one, other];
    let outcome = apply(&promotions, vec![good("A", 1000, 1)], &sale).unwrap();
    let told: Vec<_> =
        outcome.verdicts.iter().map(|verdict| (verdict.promotion.label(), verdict.saving.is_ok())).collect();
    assert_eq!(told, [("TWO".to_owned(), true), ("ONE".to_owned(), false)]);
    assert_eq!(outcome.verdicts[1].saving, Err(Rejection::Exhausted));
}

#[test]
fn a_promotion_for_customer_groups_is_for_callers_in_one_of_them() {
    let group = |number| CustomerGroupId::from(Uuid::from_u128(number));
    let terms = Terms { customer_groups: vec![group(1), group(2)], ..Terms::default() };
    let trade = [Promotion { terms, ..named("TRADE", percentage("10"), Level::Order, &[]) }];
    let saving = |groups: &[CustomerGroupId]| {
        let sale = Sale { zero: eur(0), now: NOW, country: None, groups, option: None, exhausted: &[] };
        apply(&trade, vec![good("A", 1000, 1)], &sale).unwrap().verdicts.remove(0).saving.map(|saving| saving.lines[0])
    };
    assert_eq!(saving(&[group(3), group(2)]), Ok(eur(100)));
    assert_eq!((saving(&[group(3)]), saving(&[])), (Err(Rejection::WrongGroup), Err(Rejection::WrongGroup)));
}

#[test]
fn a_promotion_can_be_for_what_is_on_sale_or_for_the_rest() {
    let on_sale = |on_sale| Items { on_sale: Some(on_sale), ..Items::default() };
    let goods = [Good { on_sale: true, ..good("A", 1000, 1) }, good("B", 1000, 1)];
    let left = |items| taken(&[for_items(items, named("ONE", percentage("10"), Level::Item, &[]))], &goods, None).1;
    assert_eq!((left(on_sale(true)), left(on_sale(false))), (vec![900, 1000], vec![1000, 900]));
}

#[test]
fn a_minimum_is_that_of_the_currency_of_the_cart() {
    let amounts = Amounts(vec![Money::new(1, Currency::Gbp), eur(2001)]);
    let terms = Terms { minimum: Some(amounts), ..Terms::default() };
    let large = Promotion { terms, ..named("ONE", percentage("10"), Level::Order, &[]) };
    let (verdicts, _) = taken(&[large], &[good("A", 1000, 2)], None);
    assert_eq!(verdicts, [("ONE".to_owned(), Err(Rejection::Below(eur(2001))))]);
}

fn benefits() -> impl Strategy<Value = (Benefit, Level)> {
    let percents = (0..=1_000_000_u32).prop_map(|n| percentage(&format!("{}.{:04}", n / 10_000, n % 10_000)));
    let set = |skus: &[&str]| only(skus);
    prop_oneof![
        (percents.clone(), prop_oneof![Just(Level::Item), Just(Level::Order), Just(Level::Shipping)])
            .prop_filter("it takes something off", |(benefit, _)| benefit.nothing().is_none()),
        (1..300_000_i64, prop_oneof![Just(Level::Item), Just(Level::Order), Just(Level::Shipping)])
            .prop_map(|(amount, level)| (fixed(amount), level)),
        (1..50_000_i64).prop_map(|amount| (Benefit::FixedPrice(eur(amount).into()), Level::Item)),
        (1..4_u32, 1..4_u32, any::<bool>()).prop_map(move |(x, y, same)| {
            let (of, from) =
                if same { (Items::default(), Items::default()) } else { (set(&["S0", "S1"]), set(&["S1", "S2"])) };
            (buy(x, of, y, from, "66.6667"), Level::Item)
        }),
        Just((Benefit::FreeShipping { options: Vec::new() }, Level::Shipping)),
    ]
}

proptest! {
    #[test]
    fn no_cent_is_lost_whatever_the_order_of_lines_and_promotions(
        lines in proptest::collection::vec((0..50_000_i64, 1..=9_u32), 1..8),
        benefits in proptest::collection::vec((benefits(), 0..3_u32), 0..6),
        seed in any::<u64>(),
    ) {
        let standard = option("standard", eur(499), Some(eur(20_000)));
        let goods: Vec<_> = lines.iter().enumerate().map(|(at, (cents, quantity))| good(&format!("S{at}"), *cents, *quantity)).collect();
        let promotions: Vec<_> = benefits
            .into_iter()
            .enumerate()
            .map(|(number, ((benefit, level), priority))| at(priority, named(&format!("CODE{number}"), benefit, level, &ALL)))
            .collect();
        let (verdicts, left) = taken(&promotions, &goods, Some(&standard));
        prop_assert!(left.iter().all(|left| *left >= 0));
        let sale = Sale { zero: eur(0), now: NOW, country: None, groups: &[], option: Some(&standard), exhausted: &[] };
        let outcome = apply(&promotions, goods.clone(), &sale).unwrap();
        let mut shipping = outcome.shipping.unwrap().amount;
        for saving in outcome.verdicts.iter().filter_map(|verdict| verdict.saving.as_ref().ok()) {
            prop_assert!(saving.lines.iter().all(|off| off.amount >= 0) && saving.shipping.amount >= 0);
            shipping -= saving.shipping.amount;
        }
        prop_assert!(shipping >= 0);
        // Another order of lines and promotions gives the same.
        let turn = |len: usize| usize::try_from(seed).unwrap_or_default() % len.max(1);
        let (mut others, mut turned) = (promotions.clone(), goods.clone());
        others.rotate_left(turn(promotions.len()));
        turned.rotate_left(turn(goods.len()));
        let (again, mut left_again) = taken(&others, &turned, Some(&standard));
        left_again.rotate_right(turn(goods.len()));
        prop_assert_eq!((again, left_again), (verdicts, left));
    }
}
