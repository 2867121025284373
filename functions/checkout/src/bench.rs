//! The largest cart, for the bench of pricing: 40 lines, 50 automatic promotions and 5 codes.

use std::time::{Duration, Instant};

use contracts::{CartId, Currency, Money, PromotionId, Sealed, TaxClass, UserId, events::catalog::Price};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    cart::{Cart, Line, MOST_LINES, MOST_PROMOTIONS, Shipping},
    listing::{Listing, Stock},
    pricing::{PricingContext, price},
    promotion::{
        AppliedCode, Benefit, BuyXGetY, Draft, Items, Level, Limits, MOST_AUTOMATIC, Promotion, Rules, Terms, UnitSet,
    },
    rates::{Country, ShippingOption, ShippingRates, TaxRates, TaxTerms},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const ALL: [Level; 3] = [Level::Item, Level::Order, Level::Shipping];

/// Prices the largest cart a number of times, and returns the time of each.
///
/// # Panics
/// If the cart cannot be priced, or not all of it counts.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "it measures how long pricing takes")]
pub fn price_largest(times: usize) -> Vec<Duration> {
    let (cart, known) = largest().expect("the input is valid");
    let once = || {
        let began = Instant::now();
        let priced = price(&cart, &known, NOW).expect("the amounts are small");
        let took = began.elapsed();
        assert_eq!((priced.sold().count(), priced.applied().count()), (MOST_LINES, 5));
        took
    };
    (0..times).map(|_| once()).collect()
}

fn largest() -> Result<(Cart, PricingContext), Box<dyn std::error::Error>> {
    let country = Country::try_from("GB".to_owned())?;
    let address = Sealed::from_ciphertext(String::new());
    let mut cart = Cart::create(CartId::from(Uuid::nil()), UserId::from(Uuid::nil()), Currency::Eur, NOW);
    cart.shipping = Some(Shipping { option: "standard".to_owned(), country: country.clone(), region: None, address });
    let mut known = PricingContext::default();
    for at in 0..MOST_LINES {
        let sku = format!("SKU-{at}").parse().map_err(|_| "a SKU")?;
        let Ok(amount) = i64::try_from(999 + 37 * at) else { continue };
        let price = Price { amount, currency: Currency::Eur, valid_from: None, valid_to: None };
        let line = Line { sku, title: "A lamp".to_owned(), quantity: 3, seen: None, returned_at: None };
        known.stocks.push(Stock { sku: line.sku.clone(), available: 9, version: 1 });
        let (product, title) = (Uuid::from_u128(at as u128).into(), line.title.clone());
        known.listings.push(Listing::at_price((product, line.sku.clone()), title, TaxClass::STANDARD, price, None));
        cart.lines.push(line);
    }
    for at in 0..MOST_AUTOMATIC + MOST_PROMOTIONS {
        let mut promotion = promotion(at)?;
        if at < MOST_PROMOTIONS {
            let code: crate::promotion::PromotionCode = format!("CODE{at}").parse()?;
            promotion.code = Some(code.clone());
            cart.promotions.push(AppliedCode { code, promotion: promotion.id });
            known.promotions.push(promotion);
        } else {
            known.automatic.push(promotion);
        }
    }
    let option = ShippingOption::new("standard", Money::new(490, Currency::Eur));
    known.shipping = Some(ShippingRates::of_option(country.clone(), option));
    let terms = TaxTerms { rates: [(TaxClass::STANDARD, "20".parse()?)].into(), ..TaxTerms::default() };
    known.tax = Some(TaxRates::set(None, country, terms).map_err(|_| "the rates")?.0);
    Ok((cart, known))
}

/// A promotion that applies to the cart and combines with all others. Each fifth counts units.
fn promotion(at: usize) -> Result<Promotion, Box<dyn std::error::Error>> {
    let few = Items {
        product_ids: (at..at + 10).map(|at| Uuid::from_u128((at % 40) as u128).into()).collect(),
        ..Items::default()
    };
    let set = || UnitSet { quantity: 1, items: Items::default() };
    let benefit = match at % 5 {
        0 if at == 0 => {
            let rule = BuyXGetY { buy: set(), get: set(), percent: "10".parse()?, max_times: Some(9) };
            Benefit::BuyXGetY(Box::new(rule))
        }
        1 => Benefit::Fixed(Money::new(10, Currency::Eur).into()),
        2 => Benefit::FixedPrice(Money::new(990, Currency::Eur).into()),
        _ => Benefit::Percentage("1.5".parse()?),
    };
    let rules = Rules { items: few, combines_with: ALL.into(), ..Rules::default() };
    let draft = Draft { name: None, code: None, benefit, terms: Terms::default(), rules, limits: Limits::default() };
    let id = PromotionId::from(Uuid::from_u128(at as u128));
    Promotion::create(id, draft, NOW).map(|(promotion, _)| promotion).map_err(|why| format!("{why:?}").into())
}
