//! XML as programs write it: tags, and the texts between them. It is read in place, since a sheet has a hundred bytes of it for each value.
//!
//! What is rare in workbooks is [`Odd`], and a whole reader of XML has to read it: comments, CDATA, prefixes, references to anything but
//! the five signs that XML itself needs.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// What this module does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

/// A tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'xml> {
    /// With a slash before it where it closes an element.
    pub name: &'xml str,
    attributes: &'xml str,
    /// Whether nothing is in the element.
    pub is_empty: bool,
}

impl<'xml> Tag<'xml> {
    /// The values of these attributes, as they are written.
    #[inline]
    pub fn attributes<const N: usize>(&self, names: [&str; N]) -> Result<[Option<&'xml str>; N], Odd> {
        let mut values = [None; N];
        // Byte by byte: they are short, and there are two for each value of a sheet.
        let (xml, bytes) = (self.attributes, self.attributes.as_bytes());
        let find = |byte, from| (from..bytes.len()).find(|at| bytes[*at] == byte).ok_or(Odd);
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let sign = find(b'=', at)?;
            let quote = *bytes.get(sign + 1).filter(|quote| matches!(quote, b'"' | b'\'')).ok_or(Odd)?;
            let end = find(quote, sign + 2)?;
            let name = &xml[at..sign];
            for (wanted, value) in names.iter().zip(&mut values) {
                if *wanted == name {
                    *value = Some(&xml[sign + 2..end]);
                }
            }
            at = end + 1;
        }
        Ok(values)
    }
}

/// Goes through XML, a tag after the other.
pub(super) struct Tags<'xml> {
    rest: &'xml str,
}

impl<'xml> Tags<'xml> {
    /// Through a whole file.
    pub fn of_file(xml: &'xml str) -> Result<Self, Odd> {
        let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml).trim_ascii_start();
        match xml.strip_prefix("<?xml ") {
            Some(rest) => {
                let (declared, rest) = rest.split_once("?>").ok_or(Odd)?;
                let known = !declared.contains("encoding") || declared.to_ascii_lowercase().contains("utf-8");
                if known { Ok(Self::of(rest)) } else { Err(Odd) }
            }
            None => Ok(Self::of(xml)),
        }
    }

    /// Through a piece of a file.
    pub const fn of(rest: &'xml str) -> Self {
        Self { rest }
    }

    /// The text until the next tag, and that tag; none at the end.
    pub fn next(&mut self) -> Result<Option<(&'xml str, Tag<'xml>)>, Odd> {
        let Some(open) = memchr(b'<', self.rest.as_bytes()) else { return Ok(None) };
        let (text, tag) = (&self.rest[..open], &self.rest[open + 1..]);
        let close = memchr(b'>', tag.as_bytes()).ok_or(Odd)?;
        self.rest = &tag[close + 1..];
        let tag = &tag[..close];
        if tag.starts_with(['!', '?']) {
            return Err(Odd);
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = match tag.bytes().position(|byte| byte.is_ascii_whitespace()) {
            Some(end) => (&tag[..end], &tag[end..]),
            None => (tag, ""),
        };
        Ok(Some((text, Tag { name, attributes, is_empty })))
    }

    /// The text that is all between two pieces of XML; goes past them if they are next, and nowhere if not.
    #[inline]
    pub fn text_between(&mut self, before: &str, after: &str) -> Option<&'xml str> {
        let rest = self.rest.strip_prefix(before)?;
        let (text, rest) = rest.split_at(memchr(b'<', rest.as_bytes())?);
        self.rest = rest.strip_prefix(after)?;
        Some(text)
    }

    /// The next tag, which there has to be.
    pub fn tag(&mut self) -> Result<(&'xml str, Tag<'xml>), Odd> {
        self.next()?.ok_or(Odd)
    }

    /// The text of an element of nothing else, after its opening tag.
    pub fn text(&mut self, of: Tag<'xml>) -> Result<&'xml str, Odd> {
        if of.is_empty {
            return Ok("");
        }
        let (text, end) = self.tag()?;
        if end.name.strip_prefix('/') == Some(of.name) { Ok(text) } else { Err(Odd) }
    }

    /// Passes over what is in an element, after its opening tag; elements within it have other names.
    pub fn skip(&mut self, of: Tag<'xml>) -> Result<(), Odd> {
        while !of.is_empty && self.tag()?.1.name.strip_prefix('/') != Some(of.name) {}
        Ok(())
    }
}

/// A text as it is meant.
pub(super) fn unescape(text: &str) -> Result<Cow<'_, str>, Odd> {
    if memchr3(b'&', b'\r', b'_', text.as_bytes()).is_none() {
        return Ok(text.into());
    }
    // What XML cannot hold is written as `_x000D_`.
    let odd = |text: &str| text.contains('\r') || text.split("_x").skip(1).any(|rest| rest.get(4..5) == Some("_"));
    let mut parts = text.split('&');
    let mut meant = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or(Odd)?;
        meant.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return Err(Odd),
        });
        meant.push_str(rest);
    }
    if odd(&meant) { Err(Odd) } else { Ok(meant.into()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_come_with_the_texts_before_them() {
        let mut tags = Tags::of_file("<?xml version=\"1.0\"?>\n<a x=\"1\" y = '2'>b<c/></a >").unwrap();
        let (_, a) = tags.tag().unwrap();
        assert_eq!((a.name, a.is_empty), ("a", false));
        assert_eq!(a.attributes(["x"]), Err(Odd), "a space before the sign");
        assert_eq!(tags.tag().unwrap().1.attributes(["x"]), Ok([None]));
        let (text, end) = tags.tag().unwrap();
        assert_eq!((text, end.name), ("", "/a"));
        assert_eq!(tags.next(), Ok(None));
        assert_eq!(Tags::of("<!-- a -->").next(), Err(Odd));
        assert_eq!(Tags::of("<a").next(), Err(Odd));
    }

    #[test]
    fn attributes_are_found_in_any_order() {
        let (_, tag) = Tags::of("<c t=\"s\" r='A1'  s=\"3\"/>").tag().unwrap();
        assert_eq!(tag.attributes(["r", "s", "u"]), Ok([Some("A1"), Some("3"), None]));
        for broken in ["<c t/>", "<c t=/>", "<c t=s/>", "<c t=\"s/>"] {
            assert_eq!(Tags::of(broken).tag().unwrap().1.attributes(["t"]), Err(Odd), "{broken}");
        }
    }

    #[test]
    fn texts_are_meant_without_references() {
        assert_eq!(unescape("a &amp; b &lt;&gt;&quot;&apos;_x").unwrap(), "a & b <>\"'_x");
        for text in ["&nbsp;", "&#10;", "&", "a\r\nb", "a_x000D_b", "&amp;\r"] {
            assert_eq!(unescape(text), Err(Odd), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(xml in "[<>/=\"'&;ax _ñ?!-]{0,40}") {
            let mut tags = Tags::of(&xml);
            while let Ok(Some((text, tag))) = tags.next() {
                let _meant = (unescape(text), tag.attributes(["a"]));
            }
        }
    }
}
