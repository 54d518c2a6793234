//! What each column seems to mean, and how sure that is: by its name in Spanish, Portuguese or English, and by its values.

use chrono::FixedOffset;

use super::{
    Column, DateOrder, Field, date,
    header::looks_like_phone,
    names::{NAMES, position, rank},
};
use crate::domain::{
    money::{Currency, Decimal, Money},
    text::words,
};

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// One of the fields that a debtor has.
    Known(Field),
    /// Where to write to if the first phone is wrong.
    SecondPhone,
    /// The creditor, or the brand that the debt is owed to.
    Company,
    /// The language to write in.
    Language,
    /// Where the debtor is, for the hours in which they may be written to.
    TimeZone,
}

/// A guess at a column's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    pub meaning: Meaning,
    /// In percent, 1 to 99.
    pub confidence: u8,
}

/// Confidence in a column whose whole header is a field's name, and in one of which some words are.
const WHOLE: u8 = 90;
const PART: u8 = 70;
/// Confidence in what the values alone tell.
const VALUES: u8 = 50;
/// What values that bear a name out add to it, and by what those that contradict it divide it.
const BORNE_OUT: u8 = 9;
const CONTRADICTED: u8 = 2;

/// Words that make a phone the second one.
const SECOND: &[&str] = &[
    "2",
    "3",
    "alterno",
    "alternativo",
    "alternativa",
    "alternative",
    "alternate",
    "secundario",
    "secondary",
    "second",
    "segundo",
    "adicional",
    "additional",
    "otro",
    "outro",
    "other",
    "casa",
    "fijo",
    "fixo",
    "residencial",
    "residencia",
    "home",
    "oficina",
    "trabajo",
    "trabalho",
    "comercial",
    "work",
    "office",
    "referencia",
    "recado",
    "recados",
];
const COMPANY: &[&str] = &[
    "empresa",
    "company",
    "compania",
    "companhia",
    "acreedor",
    "credor",
    "creditor",
    "marca",
    "brand",
    "entidad",
    "entidade",
    "banco",
    "bank",
    "portafolio",
    "portfolio",
];
const LANGUAGE: &[&str] = &["idioma", "language", "lengua", "lingua", "lang", "locale"];
const TIME_ZONE: &[&str] =
    &["zona horaria", "huso horario", "fuso horario", "fuso", "time zone", "timezone", "tz", "utc", "gmt"];
/// Languages by their code or name, folded.
const LANGUAGES: &[&str] = &[
    "es",
    "pt",
    "en",
    "esp",
    "spa",
    "por",
    "eng",
    "espanol",
    "castellano",
    "espanhol",
    "spanish",
    "portugues",
    "portuguese",
    "ingles",
    "english",
];

/// Guesses what each column means; each meaning goes to the column that is surest of it, the leftmost of equals.
pub fn guess(columns: &[Column]) -> Vec<Option<Guess>> {
    let mut guesses = vec![None; columns.len()];
    let mut all: Vec<(usize, Guess)> = columns
        .iter()
        .enumerate()
        .flat_map(|(at, column)| meanings().filter_map(move |meaning| Some((at, of(column, meaning)?))))
        .collect();
    all.sort_by_key(|(at, guess)| (std::cmp::Reverse(guess.confidence), *at));
    let mut taken = Vec::new();
    for (at, guess) in all {
        if guesses[at].is_none() && !taken.contains(&guess.meaning) {
            taken.push(guess.meaning);
            guesses[at] = Some(guess);
        }
    }
    guesses
}

/// All that a column may mean, those first that are told by more than a word that others have too.
fn meanings() -> impl Iterator<Item = Meaning> {
    use Meaning::{Company, Known, Language, SecondPhone, TimeZone};
    let others = NAMES.iter().map(|(field, _)| Known(*field)).filter(|known| *known != Known(Field::Phone));
    [Known(Field::Phone), SecondPhone, TimeZone, Language, Company].into_iter().chain(others)
}

fn of(column: &Column, meaning: Meaning) -> Option<Guess> {
    let fits = column.samples.iter().filter(|sample| is_like(sample, meaning) == Some(true)).count();
    let contradict = column.samples.iter().filter(|sample| is_like(sample, meaning) == Some(false)).count();
    let confidence = match by_name(&column.header, meaning) {
        Some(confidence) if contradict > fits => confidence / CONTRADICTED,
        Some(confidence) if fits > contradict => confidence + BORNE_OUT,
        Some(confidence) => confidence,
        // Any number may be an amount, and any text a name: only these values speak for themselves.
        None if fits > contradict && speaks(meaning) => VALUES,
        None => return None,
    };
    Some(Guess { meaning, confidence })
}

fn speaks(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Known(Field::Phone) | Meaning::SecondPhone | Meaning::Language | Meaning::TimeZone)
}

fn by_name(header: &str, meaning: Meaning) -> Option<u8> {
    let sure = |place: Option<usize>, names: usize| place.map(|place| if place < names { WHOLE } else { PART });
    let of = |names: &[&str]| sure(position(header, names), names.len());
    match meaning {
        Meaning::Known(Field::Phone) => known(header, Field::Phone).filter(|_| of(SECOND).is_none()),
        Meaning::Known(field) => known(header, field),
        Meaning::SecondPhone => known(header, Field::Phone).and(of(SECOND)),
        Meaning::Company => of(COMPANY),
        Meaning::Language => of(LANGUAGE),
        Meaning::TimeZone => of(TIME_ZONE),
    }
}

fn known(header: &str, field: Field) -> Option<u8> {
    let (_, names) = NAMES.iter().find(|(other, _)| *other == field)?;
    rank(header, field).map(|place| if place < names.len() { WHOLE } else { PART })
}

/// Whether a value bears a meaning out; none where every text may have it.
fn is_like(value: &str, meaning: Meaning) -> Option<bool> {
    let value = value.trim();
    match meaning {
        Meaning::SecondPhone | Meaning::Known(Field::Phone) => Some(looks_like_phone(value)),
        Meaning::Language => Some(is_language(value)),
        Meaning::TimeZone => Some(is_time_zone(value)),
        Meaning::Known(Field::Amount) => {
            let currency: Currency = "USD".parse().ok()?;
            Some(Money::parse(value, currency, Decimal::Auto).is_ok())
        }
        Meaning::Known(Field::DueDate) => {
            let orders = [DateOrder::Dmy, DateOrder::Mdy];
            Some(orders.into_iter().any(|order| date::read(value, order).is_some()) || date::serial(value).is_some())
        }
        Meaning::Known(Field::Currency) => Some(value.parse::<Currency>().is_ok()),
        Meaning::Known(Field::Name) | Meaning::Company => (!value.chars().any(char::is_alphabetic)).then_some(false),
        Meaning::Known(_) => None,
    }
}

/// `es`, `pt-BR`, `Español`
fn is_language(value: &str) -> bool {
    let (language, country) = value.split_once(['-', '_']).unwrap_or((value, ""));
    LANGUAGES.contains(&words(language).as_str()) && (country.is_empty() || country.len() == 2)
}

/// `America/Bogota`, `UTC-5`, `-03:00`
fn is_time_zone(value: &str) -> bool {
    let area = |area: &str| ["America", "Europe", "Atlantic", "Pacific", "Africa", "Asia", "Etc"].contains(&area);
    if value.split_once('/').is_some_and(|(first, place)| area(first) && !place.is_empty()) {
        return true;
    }
    let upper = value.to_uppercase();
    let named = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT"));
    let offset = named.unwrap_or(&upper).trim();
    let Some(hours) = offset.strip_prefix(['+', '-']) else { return named.is_some() && offset.is_empty() };
    let short = named.is_some() && hours.parse().is_ok_and(|hours: u8| hours <= 14);
    short || hours.contains(':') && offset.parse::<FixedOffset>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(columns: &[(&str, &str)]) -> Vec<Option<(Meaning, u8)>> {
        let column = |(index, (header, sample)): (usize, &(&str, &str))| Column {
            index,
            header: (*header).to_owned(),
            samples: Some(*sample).filter(|sample| !sample.is_empty()).map(str::to_owned).into_iter().collect(),
            detected: None,
        };
        let columns: Vec<Column> = columns.iter().enumerate().map(column).collect();
        guess(&columns).into_iter().map(|guess| guess.map(|guess| (guess.meaning, guess.confidence))).collect()
    }

    fn meanings(columns: &[(&str, &str)]) -> Vec<Option<Meaning>> {
        guessed(columns).into_iter().map(|guess| guess.map(|(meaning, _)| meaning)).collect()
    }

    #[test]
    fn columns_are_understood_in_three_languages() {
        use Meaning::{Company, Known, Language, SecondPhone, TimeZone};
        let expected = [Known(Field::Name), Known(Field::Phone), SecondPhone, Company, Language, TimeZone].map(Some);
        let phones = ("3001234567", "6012345678");
        for headers in [
            ["Nombre", "Celular", "Teléfono 2", "Empresa", "Idioma", "Zona horaria"],
            ["Cliente", "Teléfono", "Teléfono alterno", "Acreedor", "Idioma de contacto", "Huso horario"],
            ["Nome", "Celular", "Telefone residencial", "Credor", "Língua", "Fuso horário"],
            ["Customer", "Phone", "Other phone", "Company name", "Language", "Time zone"],
        ] {
            let values = ["Ana", phones.0, phones.1, "Banco Ejemplo", "es-CO", "America/Bogota"];
            let columns: Vec<(&str, &str)> = headers.into_iter().zip(values).collect();
            assert_eq!(meanings(&columns), expected, "{headers:?}");
        }
    }

    #[test]
    fn confidence_grows_with_the_values_that_bear_a_name_out() {
        let confidence = |header, value| guessed(&[(header, value)])[0].map(|(_, confidence)| confidence);
        assert_eq!(confidence("Idioma", "español"), Some(99));
        assert_eq!(confidence("Idioma", ""), Some(90));
        assert_eq!(confidence("Idioma del cliente", "español"), Some(79));
        assert_eq!(confidence("X", "español"), Some(50));
        assert_eq!(confidence("Idioma", "3 cuotas"), Some(45));
        assert_eq!(confidence("X", "Cali"), None);
    }

    #[test]
    fn a_second_column_of_phones_is_the_second_phone() {
        let expected = [Some(Meaning::Known(Field::Phone)), Some(Meaning::SecondPhone)];
        assert_eq!(meanings(&[("Celular", "3001234567"), ("X", "3007654321")]), expected);
        assert_eq!(meanings(&[("A", "3001234567"), ("B", "3007654321")]), expected);
    }

    #[test]
    fn languages_and_time_zones_are_told_from_other_texts() {
        for text in ["es", "ES", "pt-BR", "en_US", "Português", "inglés"] {
            assert!(is_language(text), "{text}");
        }
        for text in ["America/Sao_Paulo", "UTC", "GMT-5", "utc +3", "-03:00", "UTC-05:00"] {
            assert!(is_time_zone(text), "{text}");
        }
        for text in ["", "-5", "10/12", "América", "Bogotá", "UTC-25", "3001234567", "está"] {
            assert!(!is_language(text) && !is_time_zone(text), "{text}");
        }
    }
}
