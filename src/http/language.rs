//! Which of the product's languages a client reads.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Es,
    Pt,
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Es, Self::Pt, Self::En];

    /// Its ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::Pt => "pt",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `es-CO`, if it is one of the product's.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The client's favourite among the product's languages by `Accept-Language` (RFC 9110, 12.5.4); English where it has none.
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::En, 0.0);
        for range in accepted.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0);
            if let Some(language) = Self::from_tag(tag.trim())
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_favourite_is_taken() {
        for (accepted, language) in [
            ("", Language::En),
            ("es-CO", Language::Es),
            ("fr, pt-BR;q=0.8, es;q=0.9", Language::Es),
            ("en;q=0.1,pt;q=0.2", Language::Pt),
            ("de", Language::En),
            ("es;q=0", Language::En),
            ("es;q=nonsense", Language::Es),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, accepted.parse().unwrap())]);
            assert_eq!(Language::of(&headers), language, "{accepted}");
        }
    }
}
