//! The tax and shipping rates of a country.

mod country;
mod percent;
mod shipping;
mod tax;

pub(crate) use country::Country;
pub(crate) use percent::Percent;
pub(crate) use shipping::{Rejection, ShippingOption, ShippingRates, in_bounds};
pub(crate) use tax::{RegionRates, Rejection as TaxRejection, Rounding, ShippingTax, TaxRates, TaxTerms};

#[cfg(test)]
pub(crate) mod tests {
    use super::Country;
    pub(crate) use super::{
        shipping::tests::option,
        tax::tests::{classes, flat},
    };

    pub(crate) fn country(code: &str) -> Country {
        code.to_owned().try_into().unwrap()
    }
}
