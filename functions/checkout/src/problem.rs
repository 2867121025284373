//! Converts rejections into problems for the caller.

use std::fmt;

use contracts::Currency;
use lambda::{FieldError, Problem};

use crate::{
    cart,
    cart::{MOST_ORDERS, MOST_PROMOTIONS},
    listing::Unsold,
    promotion,
    promotion::{MOST_AUTOMATIC, MOST_LIMITED, MOST_NAMED},
    quote, rates,
    rates::Country,
};

/// No shipping option of the country has a price in the cart's currency.
pub(crate) fn not_served(country: &Country, currency: Currency) -> Problem {
    Problem::new(422, "country-not-served", "We do not ship to this country")
        .detail(format_args!("No shipping option to {country} has a price in {currency}."))
}

/// Another promotion has the code. It may have ended.
pub(crate) fn code_taken() -> Problem {
    Problem::new(409, "code-taken", "The code is in use")
        .detail("Another promotion has or had this code. Choose another code.")
}

/// Some of the codes belong to another promotion, or to all customers.
pub(crate) fn codes_taken(codes: Vec<FieldError>) -> Problem {
    Problem::new(409, "code-taken", "The code is in use")
        .detail("Some of the codes are in use. Choose other codes.")
        .with_errors(codes)
}

/// Why a promotion cannot be changed. One that was ended cannot.
pub(crate) fn unchangeable(rejection: promotion::Rejection) -> Problem {
    match rejection {
        promotion::Rejection::Ended => {
            Problem::new(409, "promotion-ended", "The promotion was ended").detail("Create another promotion.")
        }
        rejection => rejection.into(),
    }
}

/// A problem of a line, by its place in the cart.
fn on_line(at: usize, field: &str, detail: impl fmt::Display) -> FieldError {
    FieldError { pointer: format!("/lines/{at}{field}"), detail: detail.to_string() }
}

/// The cart was ordered or merged.
fn closed(status: cart::Status) -> Problem {
    let how = match status {
        cart::Status::Ordered => "Everything in it was ordered.",
        cart::Status::Merged => "It was merged into another cart.",
        cart::Status::Open => "It is open.",
    };
    Problem::new(409, "cart-closed", "The cart is closed").detail(how)
}

impl From<cart::Rejection> for Problem {
    fn from(rejection: cart::Rejection) -> Self {
        match rejection {
            cart::Rejection::NotFound => Self::not_found("cart"),
            cart::Rejection::Closed(status) => closed(status),
            cart::Rejection::Full => {
                Self::new(409, "cart-full", "The cart is full").detail("A cart has at most 40 different SKUs.")
            }
            cart::Rejection::TooManyPromotions => {
                Self::new(409, "too-many-promotions", "The cart has too many promotions")
                    .detail(format_args!("A cart has at most {MOST_PROMOTIONS} promotion codes. Remove one first."))
            }
            cart::Rejection::SameCart => Self::invalid("/from", "must be another cart"),
            cart::Rejection::AlreadyDone => Self::AlreadyDone,
        }
    }
}

impl fmt::Display for Unsold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("not sold here"),
            Self::Withdrawn => f.write_str("no longer sold"),
            Self::NotIn(currency) => write!(f, "not sold in {currency}"),
        }
    }
}

impl From<Unsold> for Problem {
    fn from(unsold: Unsold) -> Self {
        let how = format!("It is {unsold}.");
        match unsold {
            Unsold::Unknown => Self::new(422, "unknown-sku", "The SKU is unknown").detail(how),
            Unsold::Withdrawn | Unsold::NotIn(_) => Self::new(422, "not-sold", "The SKU cannot be bought").detail(how),
        }
    }
}

impl fmt::Display for promotion::Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(_) => f.write_str("It would take nothing off."),
            Self::NeverValid => f.write_str("It would end before it begins."),
            Self::MinimumElsewhere => f.write_str("It would be valid in no currency."),
            Self::TooManyAutomatic => write!(
                f,
                "There can be at most {MOST_AUTOMATIC} automatic promotions that have not ended. At most \
                 {MOST_LIMITED} of them can have a total limit. Together they can name at most {MOST_NAMED} products, \
                 categories and SKUs."
            ),
            Self::LimitBelowUsage { redeemed, held } => {
                write!(f, "It was used {redeemed} times, and {held} uses are held for quotes.")
            }
            Self::Automatic => f.write_str("An automatic promotion has no codes. Create a promotion with a code."),
            Self::Unknown => f.write_str("There is no such code."),
            Self::NotYet(from) => write!(f, "It is valid from {from} on."),
            Self::Ended => f.write_str("It has ended."),
            Self::Paused => f.write_str("It is paused."),
            Self::Exhausted => f.write_str("Its limit of uses is reached."),
            Self::NeedsAccount => f.write_str("It is only for accounts with a verified e-mail address."),
            Self::OnlyIn(currencies) => write!(f, "It is for carts in {}.", any_of(currencies)),
            Self::Below(minimum) => write!(f, "The items must be worth at least {minimum}."),
            Self::TooFew(least) => write!(f, "At least {least} units are needed."),
            Self::NoItems => f.write_str("It needs other items, more items or another shipping option."),
            Self::OtherCountry(countries) => write!(f, "It is for carts that are shipped to {}.", any_of(countries)),
            Self::WrongGroup => f.write_str("It is for customers of other groups."),
            Self::NotCombined => {
                f.write_str("It does not combine with another promotion of the cart, or five are applied already.")
            }
        }
    }
}

/// The values as an enumeration: `EUR or GBP`.
fn any_of(values: &[impl fmt::Display]) -> String {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    values.join(" or ")
}

impl From<promotion::Rejection> for Problem {
    fn from(rejection: promotion::Rejection) -> Self {
        match rejection {
            promotion::Rejection::Nothing(pointer) => Self::invalid(pointer, "must be above 0"),
            promotion::Rejection::NeverValid => Self::invalid("/validTo", "must be later than validFrom"),
            promotion::Rejection::MinimumElsewhere => {
                Self::invalid("/minimum", "must be in a currency in which the promotion has an amount")
            }
            promotion::Rejection::TooManyAutomatic => {
                Self::new(409, "too-many-automatic", "There are too many automatic promotions").detail(rejection)
            }
            promotion::Rejection::LimitBelowUsage { .. } => {
                Self::new(409, "limits-below-usage", "The limit is below the usage").detail(rejection)
            }
            promotion::Rejection::Automatic => {
                Self::new(409, "promotion-automatic", "The promotion is automatic").detail(rejection)
            }
            _ => Self::new(422, "promotion-not-valid", "The promotion is not valid").detail(rejection),
        }
    }
}

impl From<rates::TaxRejection> for Problem {
    fn from(rejection: rates::TaxRejection) -> Self {
        match rejection {
            rates::TaxRejection::UnknownRegion { at, country } if addresses::lists_regions(&country.to_string()) => {
                Self::invalid(format!("/regions/{at}/region"), format_args!("is not a region of {country}"))
            }
            rates::TaxRejection::UnknownRegion { at, country } => {
                let detail = format_args!("cannot be set for {country}, whose addresses name no region of a list");
                Self::invalid(format!("/regions/{at}/region"), detail)
            }
            rates::TaxRejection::RepeatedRegion { at } => {
                Self::invalid(format!("/regions/{at}/region"), "is the region of an earlier entry")
            }
        }
    }
}

impl From<rates::Rejection> for Problem {
    fn from(rejection: rates::Rejection) -> Self {
        let rates::Rejection::Repeated { option, field } = rejection;
        Self::invalid(format!("/options/{option}/{field}"), "occurs more than once")
    }
}

impl From<quote::Rejection> for Problem {
    fn from(rejection: quote::Rejection) -> Self {
        match rejection {
            quote::Rejection::Closed(status) => closed(status),
            quote::Rejection::Empty => Self::new(409, "cart-empty", "The cart is empty").detail("Add an item first."),
            quote::Rejection::Unsold(lines) => {
                let lines = lines.iter().map(|(at, sku, why)| on_line(*at, "", format_args!("{sku} is {why}")));
                Self::new(409, "lines-not-sold", "Some lines cannot be bought")
                    .detail("Remove these lines from the cart.")
                    .with_errors(lines.collect())
            }
            quote::Rejection::OutOfStock(lines) => {
                let lines = lines.iter().map(|(at, sku, left)| match left {
                    0 => on_line(*at, "/quantity", format_args!("{sku} is out of stock")),
                    left => on_line(*at, "/quantity", format_args!("only {left} of {sku} are left")),
                });
                Self::new(409, "out-of-stock", "Some lines are out of stock")
                    .detail("The cart contains more units of these SKUs than are in stock.")
                    .with_errors(lines.collect())
            }
            quote::Rejection::TooManyOrders => {
                Self::new(409, "too-many-open-orders", "The cart has too many open orders").detail(format_args!(
                    "{MOST_ORDERS} orders of this cart were placed in the last 7 days. Use a new cart."
                ))
            }
            quote::Rejection::Promotion(rejection) => {
                Self::new(409, "promotion-not-valid", "The promotion is not valid").detail(rejection)
            }
            quote::Rejection::NotShipped => Self::new(409, "shipping-needed", "Shipping is not chosen")
                .detail("Set an address and a shipping option."),
            quote::Rejection::ShippingGone => Self::new(409, "shipping-needed", "Shipping is not chosen")
                .detail("The chosen shipping option no longer exists. Choose another one."),
        }
    }
}
