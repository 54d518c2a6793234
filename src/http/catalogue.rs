//! The texts of problems in the product's languages, out of `problems.json`.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{language::Language, problem::Kind};

/// What a problem's kind is called, and what it means.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub title: String,
    pub detail: String,
}

/// One text in each language.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trio<T> {
    es: T,
    pt: T,
    en: T,
}

impl<T> Trio<T> {
    const fn get(&self, language: Language) -> &T {
        match language {
            Language::Es => &self.es,
            Language::Pt => &self.pt,
            Language::En => &self.en,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    problems: HashMap<String, Trio<Texts>>,
    fields: HashMap<String, Trio<String>>,
    words: HashMap<String, Trio<String>>,
    #[serde(skip)]
    missing: Trio<Texts>,
}

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| serde_json::from_str(include_str!("problems.json")).unwrap_or_default());

/// The texts of a kind of problem.
pub fn problem(kind: Kind, language: Language) -> &'static Texts {
    CATALOGUE.problems.get(kind.slug()).unwrap_or(&CATALOGUE.missing).get(language)
}

/// The text of a field's error code; `{}` stands for its value.
pub fn field(code: &'static str, language: Language) -> &'static str {
    CATALOGUE.fields.get(code).map_or(code, |trio| trio.get(language))
}

/// `value` in the language, where it is one of the words that have a translation.
pub fn word(value: &str, language: Language) -> &str {
    CATALOGUE.words.get(value).map_or(value, |trio| trio.get(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::CampaignStatus;

    #[test]
    fn every_kind_has_its_texts_and_no_text_is_left_over() {
        let catalogue: Catalogue = serde_json::from_str(include_str!("problems.json")).unwrap();
        for kind in Kind::ALL {
            let trio = catalogue.problems.get(kind.slug()).unwrap_or_else(|| panic!("no text for {}", kind.slug()));
            for language in Language::ALL {
                let texts = trio.get(language);
                assert!(!texts.title.is_empty() && !texts.detail.is_empty(), "{} {language:?}", kind.slug());
            }
        }
        assert_eq!(catalogue.problems.len(), Kind::ALL.len());
        for status in CampaignStatus::ALL {
            assert!(catalogue.words.contains_key(status.as_str()), "{status}");
        }
    }

    #[test]
    fn every_field_code_in_the_sources_has_its_texts() {
        let catalogue: Catalogue = serde_json::from_str(include_str!("problems.json")).unwrap();
        for code in super::super::extract::CODES {
            assert!(catalogue.fields.contains_key(*code), "{code}");
        }
        assert_eq!(catalogue.fields.len(), super::super::extract::CODES.len());
    }
}
