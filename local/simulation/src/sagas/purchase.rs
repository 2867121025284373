//! An order of a run, with what each service and the provider store for it.

use contracts::{Address, Currency, Money, OrderId, OrderLine, Quote, Sku, TaxClass, Totals, UserId};
use delivery::shipment::Stored;
use inventory::reservation::Reservation;
use jiff::Timestamp;
use orders::{event::RecordedEvent, order::Order};
use payments::payment::Payment;
use uuid::Uuid;

use super::provider::Intent;
use crate::choices::Choices;

/// What customers decide, one after the other. Most approve.
const DECISIONS: [&[bool]; 8] =
    [&[true], &[true], &[true], &[true, true], &[true, false], &[false, true], &[false], &[]];

/// An order, and the items that each service stores for it.
#[derive(Debug)]
pub(super) struct Purchase {
    pub(super) id: OrderId,
    pub(super) wanted: Vec<(Sku, u32)>,
    pub(super) order: Option<Order>,
    pub(super) events: Vec<RecordedEvent>,
    pub(super) reservation: Option<Reservation>,
    /// The message that releases its stock was lost permanently.
    pub(super) forgotten: bool,
    pub(super) payment: Option<Payment>,
    /// The order was told that the payment is declined.
    pub(super) declined: bool,
    pub(super) shipment: Option<Stored>,
    /// What the customer still decides on the bank's page, as soon as they can: whether they approve. `None` if they need
    /// not approve the payment.
    pub(super) decisions: Option<&'static [bool]>,
    /// The provider's records.
    pub(super) intents: Vec<Intent>,
    /// The provider released the hold without a request.
    pub(super) lapsed: bool,
}

impl Purchase {
    /// A purchase with goods and a customer by choice.
    pub(super) fn new(number: u32, choices: &Choices) -> Self {
        let wanted = match choices.below(4) {
            0 => vec![(sku(1), 1)],
            1 => vec![(sku(0), 1)],
            2 => vec![(sku(0), 1), (sku(1), 2)],
            _ => vec![(sku(1), 3)],
        };
        Self {
            id: Uuid::from_u128(u128::from(number) + 1).into(),
            wanted,
            order: None,
            events: Vec::new(),
            reservation: None,
            forgotten: false,
            payment: None,
            declined: false,
            shipment: None,
            decisions: choices.happens(300).then(|| DECISIONS[choices.below(8) as usize]),
            intents: Vec::new(),
            lapsed: false,
        }
    }

    /// The quote that the order is placed with.
    pub(super) fn quote(&self, now: Timestamp) -> Quote {
        let eur = |amount| Money::new(amount, Currency::Eur);
        let line = |(sku, quantity): &(Sku, u32)| OrderLine {
            sku: sku.clone(),
            product: Uuid::nil().into(),
            title: String::new(),
            quantity: *quantity,
            unit_price: eur(100),
            list_price: None,
            price_list: None,
            discount: eur(0),
            discounts: Vec::new(),
            tax_class: TaxClass::STANDARD,
            tax_included: false,
            tax: eur(0),
            total: eur(100 * i64::from(*quantity)),
        };
        let lines: Vec<_> = self.wanted.iter().map(line).collect();
        let total = eur(lines.iter().map(|line| line.total.amount).sum());
        Quote {
            jti: Uuid::nil().into(),
            sub: UserId::from(Uuid::from_u128(7)),
            exp: now.as_second() + 900,
            iat: now.as_second(),
            cart: Uuid::nil().into(),
            generation: 0,
            redemptions: Vec::new(),
            lines,
            totals: Totals { items: total, total, ..Totals::zero(Currency::Eur) },
            shipping_option: String::new(),
            ship_to: Address {
                name: String::new(),
                line1: String::new(),
                line2: None,
                city: None,
                region: None,
                postcode: None,
                country: String::new(),
            },
        }
    }
}

pub(super) fn sku(at: usize) -> Sku {
    ["UNIT", "SOME"][at].parse().expect("a SKU")
}
