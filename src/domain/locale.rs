//! Languages, time zones and countries, as people write them in a spreadsheet.

use std::{collections::HashMap, sync::LazyLock};

use chrono_tz::{TZ_VARIANTS, Tz};

use super::{
    phone::Region,
    text::{fold, words},
};

/// Languages by their ISO 639-1 code, with their codes of three letters and their names in Spanish, Portuguese and English; folded.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("es", &["esp", "spa", "espanol", "castellano", "espanhol", "castelhano", "spanish"]),
    ("pt", &["por", "portugues", "portuguese"]),
    ("en", &["eng", "ingles", "english"]),
    ("fr", &["fra", "fre", "frances", "french"]),
    ("de", &["deu", "ger", "aleman", "alemao", "german"]),
    ("it", &["ita", "italiano", "italian"]),
    ("ca", &["cat", "catalan", "catalao"]),
    ("gl", &["glg", "gallego", "galego", "galician"]),
    ("eu", &["eus", "baq", "vasco", "euskera", "basco", "basque"]),
    ("gn", &["grn", "guarani"]),
    ("qu", &["que", "quechua"]),
    ("ay", &["aym", "aymara", "aimara"]),
    ("ht", &["hat", "creole", "criollo haitiano", "crioulo haitiano", "haitian creole"]),
    ("zh", &["zho", "chi", "chino", "chines", "chinese"]),
    ("ja", &["jpn", "japones", "japanese"]),
    ("ar", &["ara", "arabe", "arabic"]),
    ("ru", &["rus", "ruso", "russo", "russian"]),
];

/// Countries by their ISO 3166 code: the one of three letters, the country code of their phones (ITU E.164), and their names in Spanish,
/// Portuguese and English; folded.
const COUNTRIES: &[(&str, &str, &str, &[&str])] = &[
    ("AR", "arg", "54", &["argentina"]),
    ("BO", "bol", "591", &["bolivia"]),
    ("BR", "bra", "55", &["brasil", "brazil"]),
    ("CL", "chl", "56", &["chile"]),
    ("CO", "col", "57", &["colombia"]),
    ("CR", "cri", "506", &["costa rica"]),
    ("CU", "cub", "53", &["cuba"]),
    ("DO", "dom", "", &["republica dominicana", "dominican republic", "rep dominicana"]),
    ("EC", "ecu", "593", &["ecuador", "equador"]),
    ("ES", "esp", "34", &["espana", "espanha", "spain"]),
    ("GT", "gtm", "502", &["guatemala"]),
    ("HN", "hnd", "504", &["honduras"]),
    ("MX", "mex", "52", &["mexico"]),
    ("NI", "nic", "505", &["nicaragua"]),
    ("PA", "pan", "507", &["panama"]),
    ("PE", "per", "51", &["peru"]),
    ("PR", "pri", "", &["puerto rico", "porto rico"]),
    ("PT", "prt", "351", &["portugal"]),
    ("PY", "pry", "595", &["paraguay", "paraguai"]),
    ("SV", "slv", "503", &["el salvador", "salvador"]),
    ("US", "usa", "1", &["estados unidos", "united states", "eeuu", "ee uu", "eua", "united states of america"]),
    ("UY", "ury", "598", &["uruguay", "uruguai"]),
    ("VE", "ven", "58", &["venezuela"]),
];

/// The ISO 639-1 code of a language: `es`, `pt-BR`, `Español`, `POR`.
pub fn language(text: &str) -> Option<&'static str> {
    let (language, country) = text.trim().split_once(['-', '_']).unwrap_or((text, ""));
    let language = words(language);
    let is_country = country.is_empty() || country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
    let known = LANGUAGES.iter().find(|(code, names)| *code == language || names.contains(&language.as_str()));
    known.filter(|_| is_country).map(|(code, _)| *code)
}

/// Areas of the IANA database; its other zones are links for old programs.
const AREAS: [&str; 9] =
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Zones by their whole names and by their places' names; folded.
static ZONES: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
    let mut zones = HashMap::new();
    for zone in TZ_VARIANTS {
        let area = zone.name().split('/').next().filter(|area| AREAS.contains(area));
        // Where two have the name, as "Argentina/Buenos_Aires" and "Buenos_Aires" in America, one is a link to the other.
        if let (Some(_), Some((_, place))) = (area, zone.name().rsplit_once('/')) {
            zones.entry(fold(&place.replace('_', " "))).or_insert(zone);
        }
    }
    zones.extend(TZ_VARIANTS.into_iter().map(|zone| (fold(zone.name()), zone)));
    zones
});

/// A time zone of the IANA database: `America/Bogota`, `Bogotá`, `UTC-5`, `GMT-03:00`, `-03:00`. Whole hours from UTC become the zones
/// `Etc/GMT+5`, whose sign is the other way round; other offsets belong to no zone. Letters such as `CST` mean a zone here and another
/// one there, and are none.
pub fn time_zone(text: &str) -> Option<Tz> {
    let text = text.trim();
    let folded = fold(text);
    if let Some(hours) = hours_from_utc(&folded) {
        let name = match hours {
            0 => "UTC".to_owned(),
            hours => format!("Etc/GMT{:+}", -hours),
        };
        return name.parse().ok();
    }
    let is_name = text.contains('/') || text.chars().count() > 3;
    ZONES.get(&folded).copied().filter(|_| is_name)
}

/// `utc`, `utc-5`, `gmt +3`, `-03:00`
fn hours_from_utc(folded: &str) -> Option<i32> {
    let named = folded.strip_prefix("utc").or_else(|| folded.strip_prefix("gmt"));
    let offset = named.unwrap_or(folded).trim();
    if named.is_some() && offset.is_empty() {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits = offset.strip_prefix(['+', '-'])?;
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, if named.is_some() { "00" } else { "" }));
    let is_number = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let hours: i32 = Some(hours).filter(|hours| is_number(hours))?.parse().ok()?;
    (minutes == "00" && hours <= 14 && (sign > 0 || hours <= 12)).then_some(sign * hours)
}

/// A country by its ISO 3166 code, its name, or the country code of its phones: `CO`, `COL`, `Colombia`, `+57`.
pub fn country(text: &str) -> Option<Region> {
    let text = text.trim();
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return text.parse().ok();
    }
    let folded = words(text);
    let digits = folded.trim_start_matches('0');
    let is_code = |code: &str| !code.is_empty() && code == digits;
    let is_it = |(_, short, code, names): &&(&str, &str, &str, &[&str])| {
        *short == folded || is_code(code) || names.contains(&folded.as_str())
    };
    COUNTRIES.iter().find(is_it)?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn languages_are_understood_by_code_and_name() {
        for (text, code) in
            [("es", "es"), ("ES", "es"), ("pt-BR", "pt"), ("en_US", "en"), ("Português", "pt"), (" inglés ", "en")]
        {
            assert_eq!(language(text), Some(code), "{text}");
        }
        for text in ["", "está", "es-419-x", "xx", "3001234567", "-"] {
            assert_eq!(language(text), None, "{text}");
        }
    }

    #[test]
    fn time_zones_are_understood_by_name_place_and_offset() {
        for (text, zone) in [
            ("America/Bogota", "America/Bogota"),
            ("america/sao_paulo", "America/Sao_Paulo"),
            ("Bogotá", "America/Bogota"),
            ("São Paulo", "America/Sao_Paulo"),
            ("Buenos Aires", "America/Argentina/Buenos_Aires"),
            ("UTC", "UTC"),
            ("GMT-5", "Etc/GMT+5"),
            ("utc +3", "Etc/GMT-3"),
            ("-03:00", "Etc/GMT+3"),
            ("UTC-05:00", "Etc/GMT+5"),
        ] {
            assert_eq!(time_zone(text).map(Tz::name), Some(zone), "{text}");
        }
        for text in ["", "-5", "10/12", "América", "UTC-25", "UTC-13", "CST", "+05:30", "3001234567", "GMT+0a"] {
            assert_eq!(time_zone(text), None, "{text}");
        }
    }

    #[test]
    fn countries_are_understood_by_code_name_and_prefix() {
        let co: Region = "CO".parse().unwrap();
        for text in ["CO", "co", "COL", "Colombia", "+57", "57", "0057"] {
            assert_eq!(country(text), Some(co), "{text}");
        }
        assert_eq!(country("México"), "MX".parse().ok());
        assert_eq!(country("Brazil"), country("BRASIL"));
        for text in ["", "XX", "Narnia", "0", "999"] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(utc|gmt|[+-]|[0-9]{1,3}|:|/|es|_|ñ|İ|😀| ){0,8}") {
            let _understood = (language(&text), time_zone(&text), country(&text));
        }
    }
}
