//! Reads the data of a country.

/// The data: see its first lines for what a line means.
pub(crate) const COUNTRIES: &str = include_str!("countries.txt");

/// Whether an address needs a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum City {
    Required,
    /// The region can take its place, as in Japan or Dubai.
    OrRegion,
    /// The country is a city, or an address names the island only.
    Optional,
}

/// Whether an address needs a postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Postcode {
    Required,
    Optional,
    /// The country has no postcodes.
    None,
}

/// The format of a country's addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(crate) city: City,
    /// Whether an address needs a region of the country's list.
    pub(crate) lists_regions: bool,
    pub(crate) postcode: Postcode,
    /// The forms of postcodes, separated by spaces.
    forms: &'static str,
    /// A postcode.
    pub(crate) example: &'static str,
}

impl Format {
    /// The format of a country. `None` if there is no such country.
    pub(crate) fn of(country: &str) -> Option<Self> {
        let mut fields = COUNTRIES.lines().find_map(|line| {
            let mut fields = line.split('|');
            (fields.next() == Some(country)).then_some(fields)
        })?;
        let mut next = || fields.next();
        let city = match next()? {
            "C" => City::Required,
            "S" => City::OrRegion,
            _ => City::Optional,
        };
        let lists_regions = next()? == "S";
        let postcode = match next()? {
            "Z" => Postcode::Required,
            "z" => Postcode::Optional,
            _ => Postcode::None,
        };
        Some(Self { city, lists_regions, postcode, forms: next()?, example: next()? })
    }

    /// Whether a postcode has one of the forms, in any case and with any separators. True if no form is known.
    pub(crate) fn is_usual(&self, postcode: &str) -> bool {
        let letters = postcode.chars().filter(|letter| !matches!(letter, ' ' | '-'));
        let letters: Vec<_> = letters.map(|letter| letter.to_ascii_uppercase()).collect();
        let has = |form: &str| {
            form.chars().count() == letters.len()
                && form.chars().zip(&letters).all(|(kind, letter)| match kind {
                    '#' => letter.is_ascii_digit(),
                    '@' => letter.is_ascii_uppercase(),
                    '*' => letter.is_ascii_alphanumeric(),
                    other => *letter == other,
                })
        };
        self.forms.is_empty() || self.forms.split(' ').any(has)
    }
}

/// A region of a country, such as a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Region {
    /// The code of ISO 3166-2 without the country, or else the postal code.
    pub(crate) code: &'static str,
    /// The names, separated by `|`.
    pub(crate) names: &'static str,
}

/// The regions of a country, if it has a list.
pub(crate) fn regions(country: &str) -> impl Iterator<Item = Region> {
    COUNTRIES.lines().filter_map(move |line| {
        let (code, names) = line.strip_prefix(country)?.strip_prefix('-')?.split_once('|').unwrap_or_default();
        Some(Region { code, names })
    })
}

/// The code of the region that a text names: `CA`, `US-CA`, `California`, in any case.
pub(crate) fn find_region(country: &str, text: &str) -> Option<&'static str> {
    let wanted = folded(text);
    let is_wanted = |region: &Region| {
        let short = folded(region.code);
        wanted == short
            || wanted.strip_prefix(&*folded(country)) == Some(&*short)
            || region.names.split('|').any(|name| folded(name) == wanted)
    };
    regions(country).find(is_wanted).map(|region| region.code)
}

/// A text without case, and without spaces and punctuation.
pub(crate) fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
