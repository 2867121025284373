//! Converts HTML to plain text.

use std::borrow::Cow;

/// Elements that begin a new paragraph.
const BLOCKS: [&str; 22] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "div",
    "dl",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "ol",
    "p",
    "section",
    "table",
    "ul",
];
/// Elements whose content is not text.
const HIDDEN: [&str; 5] = ["script", "style", "template", "iframe", "noscript"];
/// The entities that editors write, beside numbers and those of [`LATIN_1`].
const ENTITIES: [(&str, &str); 21] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("bull", "•"),
    ("rsquo", "’"),
    ("lsquo", "‘"),
    ("sbquo", "‚"),
    ("rdquo", "”"),
    ("ldquo", "“"),
    ("bdquo", "„"),
    ("trade", "™"),
    ("euro", "€"),
    ("oelig", "œ"),
    ("OElig", "Œ"),
    ("scaron", "š"),
    ("zwnj", ""),
];
/// The entities of the characters from U+00A0 to U+00FF, in this order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
                       acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
                       Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc \
                       Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml \
                       aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc \
                       otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The maximum length of the name or the number of an entity, in bytes.
const LONGEST_ENTITY: usize = 8;

/// The plain text of HTML: paragraphs are separated by an empty line, and entries of lists begin with a hyphen. Text
/// without HTML keeps its lines.
pub(super) fn text(html: &str) -> String {
    let keeps_lines = !BLOCKS.iter().chain(&["br", "li"]).any(|name| has_element(html, name));
    let mut out = Text::default();
    let mut rest = html;
    let mut ends = ends(html);
    while let Some(c) = rest.chars().next() {
        let at = html.len() - rest.len();
        while ends.pop_if(|(tag, _)| *tag < at).is_some() {}
        let end = ends.last().filter(|(tag, _)| *tag == at).map(|(_, end)| &html[*end..]);
        if let Some(after) = markup(rest, end, &mut out) {
            rest = after;
            continue;
        }
        if c == '&'
            && let Some((decoded, after)) = entity(rest)
        {
            out.push_all(&decoded);
            rest = after;
            continue;
        }
        match c {
            '\n' if keeps_lines => out.line(),
            c if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' => out.space(),
            c if c.is_control() => {}
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.plain
}

/// The text of a cell in one line.
pub(super) fn line(html: &str) -> String {
    text(html).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has_element(html: &str, name: &str) -> bool {
    let begins = |at: usize| {
        let tag = &html[at + 1..];
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        element(tag).eq_ignore_ascii_case(name)
    };
    html.match_indices('<').any(|(at, _)| begins(at))
}

/// The name at the begin of a tag.
fn element(tag: &str) -> &str {
    tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

/// The text after a tag or a comment, if the text begins with one. `after` is the text after the end of the tag.
fn markup<'a>(html: &'a str, after: Option<&'a str>, out: &mut Text) -> Option<&'a str> {
    if let Some(comment) = html.strip_prefix("<!--") {
        return Some(comment.split_once("-->").map_or("", |(_, after)| after));
    }
    let tag =
        html.strip_prefix('<').filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)))?;
    let after = after?;
    let is_end = tag.starts_with('/');
    let name = element(tag.trim_start_matches('/')).to_ascii_lowercase();
    match name.as_str() {
        name if !is_end && HIDDEN.contains(&name) => return Some(after_element(after, name)),
        "br" => out.line(),
        "tr" | "dt" | "dd" => out.separate("\n"),
        "li" if !is_end => out.bullet(),
        "td" | "th" => out.space(),
        name if BLOCKS.contains(&name) => out.separate("\n\n"),
        _ => {}
    }
    Some(after)
}

/// For each `<` whose tag has an end, its place and the place after that end. The first `<` is the last entry.
///
/// An attribute can contain `>` in quotation marks. If a quotation mark is not closed, the tag ends at the first `>`. One
/// pass from the end of the text finds all ends. A search from each `<` would take the square of the length of a text in
/// which no tag is closed.
fn ends(html: &str) -> Vec<(usize, usize)> {
    // The ends of a tag that is read from here: outside quotation marks, inside double or single ones, and in any case.
    let (mut plain, mut double, mut single, mut any) = (None, None, None, None);
    let mut ends = Vec::new();
    for (at, byte) in html.bytes().enumerate().rev() {
        match byte {
            b'<' => ends.extend(plain.or(any).map(|end| (at, end))),
            b'>' => (plain, any) = (Some(at + 1), Some(at + 1)),
            b'"' => std::mem::swap(&mut plain, &mut double),
            b'\'' => std::mem::swap(&mut plain, &mut single),
            _ => {}
        }
    }
    ends
}

fn after_element<'a>(html: &'a str, name: &str) -> &'a str {
    let is_end = |at: &usize| element(&html[at + 2..]).eq_ignore_ascii_case(name);
    let end = html.match_indices("</").map(|(at, _)| at).find(is_end);
    end.map_or("", |at| html[at..].split_once('>').map_or("", |(_, after)| after))
}

fn entity(html: &str) -> Option<(Cow<'static, str>, &str)> {
    let rest = html.strip_prefix('&')?;
    // The rest of the text is not searched: it can have thousands of `&` and no `;`.
    let length = rest.bytes().take(LONGEST_ENTITY + 1).position(|byte| byte == b';')?;
    let (name, after) = (&rest[..length], &rest[length + 1..]);
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let decoded = code.ok().and_then(char::from_u32).map(|c| if c.is_whitespace() { ' ' } else { c })?;
        return Some((decoded.to_string().into(), after));
    }
    if let Some((_, decoded)) = ENTITIES.iter().find(|(known, _)| *known == name) {
        return Some(((*decoded).into(), after));
    }
    let (decoded, _) = ('\u{a0}'..='\u{ff}').zip(LATIN_1.split(' ')).find(|(_, known)| *known == name)?;
    let decoded = match decoded {
        '\u{a0}' => " ".into(),
        // A place where a word may be hyphenated.
        '\u{ad}' => "".into(),
        decoded => decoded.to_string().into(),
    };
    Some((decoded, after))
}

/// A text with the gap that comes before its next character.
#[derive(Default)]
struct Text {
    plain: String,
    gap: &'static str,
    /// Whether the text ends with the hyphen of an entry of a list. No gap follows it.
    is_at_bullet: bool,
}

impl Text {
    fn space(&mut self) {
        self.separate(" ");
    }

    /// Ends the line. Two ends of lines separate paragraphs.
    fn line(&mut self) {
        let is_second = self.gap.starts_with('\n');
        self.separate(if is_second { "\n\n" } else { "\n" });
    }

    /// Sets the gap, unless it is larger already.
    fn separate(&mut self, gap: &'static str) {
        let size = |gap: &str| (gap.matches('\n').count(), gap.len());
        if !self.is_at_bullet && size(gap) > size(self.gap) {
            self.gap = gap;
        }
    }

    fn bullet(&mut self) {
        self.separate("\n");
        self.push_all("-");
        self.gap = " ";
        self.is_at_bullet = true;
    }

    fn push(&mut self, c: char) {
        if !self.plain.is_empty() {
            self.plain.push_str(self.gap);
        }
        self.gap = "";
        self.is_at_bullet = false;
        self.plain.push(c);
    }

    fn push_all(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                ' ' => self.space(),
                c if c.is_control() => {}
                c => self.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_left_out_and_paragraphs_are_kept() {
        for (html, plain) in [
            ("<p>Folds <b>flat</b>.</p>\n<p class=\"a > b\">Steel.</p>", "Folds flat.\n\nSteel."),
            ("Bright<br>Warm<br/>Cheap", "Bright\nWarm\nCheap"),
            ("<ul>\n<li>one</li>\n<li><p>two</p></li>\n</ul>", "- one\n- two"),
            ("<div><div>One</div></div><div>Two\nthree</div>", "One\n\nTwo three"),
            ("<table><tr><td>Width</td><td>5 cm</td></tr><tr><td>Height</td></tr></table>", "Width 5 cm\nHeight"),
            ("Tom &amp; Jerry&nbsp;&#39;s &lt;b&gt; &eacute;&#xFC; &unknown;", "Tom & Jerry 's <b> éü &unknown;"),
            ("a<!-- <p>hidden</p> -->b<style>p { color: red }</style>c<script>if (a < b) {}</script>d", "abcd"),
            ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
            ("<span title='a\">b'>x</span>", "x"),
            ("unfinished <b", "unfinished <b"),
            ("", ""),
        ] {
            assert_eq!(text(html), plain, "{html}");
        }
    }

    /// The time of each of these was the square of its length. They are at least as long as a row can be.
    #[test]
    fn what_is_not_closed_is_text_however_often() {
        for html in ["<a", "<a '", "&", "&amp", "&#1234567"] {
            assert_eq!(text(&html.repeat(9000)), html.repeat(9000));
        }
        // Each `>` is in quotation marks, so each tag ends at its first `>`.
        assert_eq!(text(&"<a \">\"".repeat(9000)), "\"".repeat(9000));
        assert_eq!(text(&("<a".repeat(9000) + ">b")), "b");
    }

    #[test]
    fn the_longest_entity_has_eight_characters() {
        assert_eq!(text("&#0000252;&#00000252;"), "ü&#00000252;");
        assert_eq!(text("&äöüß;&uuml;"), "&äöüß;ü");
    }

    #[test]
    fn the_letters_of_western_europe_have_entities() {
        assert_eq!(
            text("Gr&ouml;&szlig;e, &Auml;pfel, cr&egrave;me, &pound;5&nbsp;&ndash; 5&nbsp;m&sup2;"),
            "Größe, Äpfel, crème, £5 – 5 m²"
        );
        assert_eq!(text("&bdquo;K&uuml;chen&shy;lampe&ldquo; &yuml; &frac12; &reg;"), "„Küchenlampe“ ÿ ½ ®");
        assert_eq!(LATIN_1.split(' ').count(), 96);
    }

    #[test]
    fn a_text_without_html_keeps_its_lines() {
        assert_eq!(text("One\ntwo\r\n\r\nThree  four"), "One\ntwo\n\nThree four");
        assert_eq!(text("One <b>two</b>\nthree"), "One two\nthree");
        assert_eq!(line("One\n two"), "One two");
    }

    #[test]
    fn the_text_has_no_control_characters() {
        assert_eq!(text("a\u{7}b&#0;c\u{200b}d"), "abc d");
    }
}
