//! The style sheet, the font and the script of every page.

const STYLE: &[u8] = include_bytes!("../assets/souk.css");
const FONT: &[u8] = include_bytes!("../assets/instrument-sans.woff2");
const ICON: &[u8] = include_bytes!("../assets/icon.svg");
const SCRIPT: &[u8] = include_bytes!("../assets/htmx.min.js");

/// Changes with every change of an asset, so that browsers can keep each for a year.
const VERSION: u64 = hash(hash(hash(hash(OFFSET, STYLE), FONT), ICON), SCRIPT);

/// FNV-1a, which a compiler can compute.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

const fn hash(start: u64, bytes: &[u8]) -> u64 {
    let (mut hash, mut at) = (start, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    hash
}

/// The part of an asset's path that changes with the assets.
pub(crate) fn version() -> String {
    format!("{VERSION:016x}")
}

/// The path of an asset.
pub(crate) fn path(name: &str) -> String {
    format!("/assets/{VERSION:016x}/{name}")
}

/// The media type and the content of an asset.
pub(crate) fn find(name: &str) -> Option<(&'static str, &'static [u8])> {
    match name {
        "souk.css" => Some(("text/css; charset=utf-8", STYLE)),
        "instrument-sans.woff2" => Some(("font/woff2", FONT)),
        "icon.svg" => Some(("image/svg+xml", ICON)),
        "htmx.min.js" => Some(("text/javascript; charset=utf-8", SCRIPT)),
        _ => None,
    }
}
