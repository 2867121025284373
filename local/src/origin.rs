//! Web origins that browsers may call the API from.

use std::{fmt, str::FromStr};

/// A web origin as browsers send it: `http://localhost:5173`, in lower case and without the scheme's own port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || "an origin is scheme://host or scheme://host:port, such as http://localhost:5173".to_owned();
        let origin = text.to_ascii_lowercase();
        let (scheme, authority) = origin.split_once("://").ok_or_else(invalid)?;
        let own_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err("the scheme of an origin is http or https".to_owned()),
        };
        if authority.contains(['/', '?', '#']) {
            return Err(format!("an origin has no path and no slash at its end; {}", invalid()));
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let is_label = |label: &str| {
            let middle = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            middle && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        if !host.split('.').all(is_label) {
            return Err(invalid());
        }
        let port = match port {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => match port.parse::<u16>() {
                Ok(port) if port > 0 => Some(port),
                _ => return Err("a port is a number from 1 to 65535".to_owned()),
            },
            Some(_) => return Err(invalid()),
            None => None,
        };
        let port = port.filter(|port| *port != own_port).map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}{port}")))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_as_a_browser_sends_them() {
        for (given, origin) in [
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://Shop.Souk-1.example", "https://shop.souk-1.example"),
            ("HTTP://127.0.0.1:80", "http://127.0.0.1"),
            ("https://souk.example:443", "https://souk.example"),
            ("https://souk.example:80", "https://souk.example:80"),
        ] {
            assert_eq!(given.parse::<Origin>().map(|origin| origin.to_string()).as_deref(), Ok(origin));
        }
    }

    #[test]
    fn anything_else_is_not_an_origin() {
        for (given, why) in [
            ("", "scheme://host"),
            ("*", "scheme://host"),
            ("localhost:5173", "scheme://host"),
            ("null", "scheme://host"),
            ("http://", "scheme://host"),
            ("http://*.souk.example", "scheme://host"),
            ("http://user@souk.example", "scheme://host"),
            ("http://a..b", "scheme://host"),
            ("http://-a", "scheme://host"),
            ("http://a b", "scheme://host"),
            ("http://a:", "port is a number"),
            ("http://a:0", "port is a number"),
            ("http://a:65536", "port is a number"),
            ("http://a:+80", "scheme://host"),
            ("http://a:80:80", "scheme://host"),
            ("http://localhost:5173/", "no slash"),
            ("http://localhost/shop", "no path"),
            ("http://localhost?a", "no path"),
            ("ftp://localhost", "http or https"),
        ] {
            let error = given.parse::<Origin>().unwrap_err();
            assert!(error.contains(why), "{given}: {error}");
        }
    }
}
