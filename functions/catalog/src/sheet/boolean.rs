//! Booleans, as exports have them. Excel writes them in its own language when it saves a file again.

/// The words of Excel in Czech, Danish, Dutch, English, Finnish, French, German, Italian, Norwegian, Polish, Portuguese, Spanish
/// and Swedish, and what else is usual.
const TRUE: [&str; 17] = [
    "true",
    "wahr",
    "vrai",
    "verdadero",
    "verdadeiro",
    "vero",
    "waar",
    "sand",
    "sant",
    "sann",
    "tosi",
    "prawda",
    "pravda",
    "yes",
    "ja",
    "oui",
    "1",
];
const FALSE: [&str; 15] = [
    "false", "falsch", "faux", "falso", "onwaar", "falsk", "usand", "usann", "falskt", "epätosi", "fałsz", "nepravda",
    "no", "nein", "0",
];

/// The value of a cell. `None` if it is no boolean.
pub(super) fn read(cell: &str) -> Option<bool> {
    let word = cell.to_lowercase();
    if TRUE.contains(&word.as_str()) { Some(true) } else { FALSE.contains(&word.as_str()).then_some(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boolean_is_read_in_the_language_of_excel() {
        for (cell, value) in [
            ("TRUE", Some(true)),
            ("true", Some(true)),
            ("WAHR", Some(true)),
            ("FALSCH", Some(false)),
            ("FAUX", Some(false)),
            ("EPÄTOSI", Some(false)),
            ("0", Some(false)),
            ("maybe", None),
            ("", None),
        ] {
            assert_eq!(read(cell), value, "{cell}");
        }
    }
}
