//! The clocks of a country, by which its people sleep.
//!
//! A phone number names a country and not a place in it: where a country has several clocks, a rule has to hold on all of them. Source:
//! `zone1970.tab` of the IANA time zone database; islands and bases of few people are left out.

use super::phone::Phone;
use chrono_tz::{America, Asia, Atlantic, Australia, Europe, Pacific, Tz};

const CLOCKS: &[(&str, &[Tz])] = &[
    ("AR", &[America::Buenos_Aires]),
    ("AU", &[Australia::Perth, Australia::Sydney]),
    ("BO", &[America::La_Paz]),
    ("BR", &[America::Sao_Paulo, America::Manaus, America::Rio_Branco]),
    ("CA", &[America::St_Johns, America::Toronto, America::Vancouver]),
    ("CL", &[America::Santiago, America::Punta_Arenas]),
    ("CO", &[America::Bogota]),
    ("CR", &[America::Costa_Rica]),
    ("CU", &[America::Havana]),
    ("DE", &[Europe::Berlin]),
    ("DO", &[America::Santo_Domingo]),
    ("EC", &[America::Guayaquil]),
    ("ES", &[Europe::Madrid, Atlantic::Canary]),
    ("FR", &[Europe::Paris]),
    ("GB", &[Europe::London]),
    ("GT", &[America::Guatemala]),
    ("HN", &[America::Tegucigalpa]),
    ("IN", &[Asia::Kolkata]),
    ("IT", &[Europe::Rome]),
    ("MX", &[America::Mexico_City, America::Tijuana, America::Hermosillo, America::Cancun]),
    ("NI", &[America::Managua]),
    ("PA", &[America::Panama]),
    ("PE", &[America::Lima]),
    ("PR", &[America::Puerto_Rico]),
    ("PT", &[Europe::Lisbon, Atlantic::Azores]),
    ("PY", &[America::Asuncion]),
    ("SV", &[America::El_Salvador]),
    (
        "US",
        &[
            America::New_York,
            America::Chicago,
            America::Denver,
            America::Phoenix,
            America::Los_Angeles,
            America::Anchorage,
            Pacific::Honolulu,
        ],
    ),
    ("UY", &[America::Montevideo]),
    ("VE", &[America::Caracas]),
];

/// The clocks that a number's owner may live by.
pub fn of(phone: &Phone) -> &'static [Tz] {
    of_country(phone.country().as_deref())
}

/// The clocks of a country by its ISO 3166 code; UTC for countries that are not in the table.
fn of_country(country: Option<&str>) -> &'static [Tz] {
    let known = country.and_then(|country| CLOCKS.iter().find(|(code, _)| *code == country));
    known.map_or(&[Tz::UTC], |(_, clocks)| clocks)
}
