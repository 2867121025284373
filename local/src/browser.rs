//! A browser without JavaScript, for the pages of the shop: it keeps cookies, follows redirects, and sends forms.

use std::{cell::RefCell, collections::BTreeMap};

use anyhow::{Context, Result, bail};

use crate::http::{Answer, Client};

/// The maximum number of redirects in a row.
const MOST_REDIRECTS: usize = 5;

/// A browser.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// A page in a browser.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The path and the query: where the last redirect led.
    pub path: String,
    /// The HTML.
    pub html: String,
}

impl Browser {
    /// A browser without cookies that visits the server of this caller.
    pub fn new(client: Client) -> Self {
        Self { client, cookies: RefCell::default() }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Visits a page.
    ///
    /// # Errors
    /// If the server does not answer, or its redirects do not end.
    pub async fn visit(&self, path: &str) -> Result<Page> {
        let answer = self.send("GET", path, None).await?;
        self.follow(path, answer).await
    }

    /// Sends the form of a page that has this control and goes to this path, with these values in it.
    ///
    /// # Errors
    /// If the page has no such form, or as [`Self::visit`].
    pub async fn submit(&self, page: &Page, action: &str, control: &str, values: &[(&str, &str)]) -> Result<Page> {
        let mut fields = page.form(action, control)?;
        for (name, value) in values {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.send("POST", action, Some(body)).await?;
        self.follow(action, answer).await
    }

    async fn follow(&self, path: &str, mut answer: Answer) -> Result<Page> {
        let mut path = path.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = answer.header("location").map(str::to_owned) else {
                return Ok(Page { status: answer.status, path, html: answer.text() });
            };
            answer = self.send("GET", &location, None).await?;
            path = location;
        }
        bail!("the redirects from {path} do not end")
    }

    async fn send(&self, method: &str, path: &str, form: Option<String>) -> Result<Answer> {
        let cookies = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let cookies = cookies.join("; ");
        let mut headers = vec![("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
        if form.is_some() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let answer = self.client.send(method, path, &headers, form.unwrap_or_default().into_bytes()).await?;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().context("a cookie that is no text")?;
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').with_context(|| format!("{cookie} has no value"))?;
            let mut kept = self.cookies.borrow_mut();
            if rest.contains("Max-Age=0") {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

impl Page {
    /// The names and values in the form that has this control and goes to this path. Buttons are left out.
    ///
    /// # Errors
    /// If there is no such form.
    pub fn form(&self, action: &str, control: &str) -> Result<Vec<(String, String)>> {
        let here = self.path.split('?').next().unwrap_or_default();
        let forms = self.html.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        let mut forms = forms.filter(|form| {
            let (tag, content) = form.split_once('>').unwrap_or((form, ""));
            attribute(tag, "action").unwrap_or_else(|| here.to_owned()) == action
                && content.contains(&format!("name=\"{control}\""))
        });
        let form = forms.next().with_context(|| {
            format!("{} (status {}) has no form for {action} with {control}: {}", self.path, self.status, self.html)
        })?;
        Ok(inputs(form).chain(selects(form)).collect())
    }

    /// The first link that begins with this.
    pub fn link(&self, start: &str) -> Option<String> {
        self.links().find(|path| path.starts_with(start))
    }

    /// The links to this shop.
    pub fn links(&self) -> impl Iterator<Item = String> {
        let found = self.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(unescaped);
        found.filter(|path| path.starts_with('/') && !path.starts_with("//"))
    }
}

fn inputs(form: &str) -> impl Iterator<Item = (String, String)> {
    let tags = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter_map(|tag| {
        let kind = attribute(tag, "type").unwrap_or_default();
        let is_off = ["radio", "checkbox"].contains(&kind.as_str()) && !tag.contains(" checked");
        Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())).filter(|_| !is_off)
    })
}

fn selects(form: &str) -> impl Iterator<Item = (String, String)> {
    let selects = form.split("<select").skip(1).filter_map(|rest| rest.split("</select>").next());
    selects.filter_map(|select| {
        let mut options = select.split("<option").skip(1).filter_map(|rest| rest.split('>').next()).peekable();
        let first = *options.peek()?;
        let chosen = options.find(|tag| tag.contains(" selected")).unwrap_or(first);
        Some((attribute(select, "name")?, attribute(chosen, "value").unwrap_or_default()))
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?;
    value.split('"').next().map(unescaped)
}

/// What a template escaped.
fn unescaped(text: &str) -> String {
    let pairs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    pairs.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_what_a_browser_would_send() {
        let html = r#"<form action="/search"><input name="q"></form>
            <form method="post"><input type="hidden" name="sku" value="A&#38;B"><input name="quantity" value="1">
            <input type="radio" name="option" value="a"><input type="radio" name="option" value="b" checked>
            <select id="c" name="country"><option value="AT">Austria<option value="DE" selected>Germany</select>
            <select name="reason"><option value="received">Received<option value="lost">Lost</select><button name="action" value="add">Add</button></form>"#;
        let page = Page { status: 200, path: "/products/1?sku=A".to_owned(), html: html.to_owned() };
        let pairs = [("sku", "A&B"), ("quantity", "1"), ("option", "b"), ("country", "DE"), ("reason", "received")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(page.form("/products/1", "action").unwrap(), pairs);
        assert_eq!(page.form("/search", "q").unwrap(), [("q".to_owned(), String::new())]);
        assert!(page.form("/products/1", "q").is_err());
    }

    #[test]
    fn links_are_those_to_this_shop() {
        let html = r#"<a href="/a?x=1&#38;y=2">a</a><a href="//elsewhere">b</a><a href="https://elsewhere">c</a>"#;
        let page = Page { status: 200, path: "/".to_owned(), html: html.to_owned() };
        assert_eq!(page.links().collect::<Vec<_>>(), ["/a?x=1&y=2"]);
        assert_eq!((page.link("/a"), page.link("/b")), (Some("/a?x=1&y=2".to_owned()), None));
    }
}
