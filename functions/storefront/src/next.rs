//! Where to go after a form.

/// A path of this shop, from a form or an address. `/` if it is not one: a path with a second slash or with a backslash
/// would be another host.
pub(crate) fn own_path(next: Option<&str>) -> String {
    let is_own = |next: &str| {
        let rest = next.strip_prefix('/')?;
        let is_host = rest.starts_with(['/', '\\']) || next.contains('\\');
        (!is_host && next.bytes().all(|byte| byte.is_ascii_graphic())).then(|| next.to_owned())
    };
    next.and_then(is_own).unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_shop_is_gone_to() {
        for own in ["/", "/search?q=lamp&sort=newest", "/products/prd_1-lamp?sku=A#buy"] {
            assert_eq!(own_path(Some(own)), own);
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\\b",
            "/a b",
            "/a\r\nb",
        ] {
            assert_eq!(own_path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(own_path(None), "/");
    }
}
