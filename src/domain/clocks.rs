//! The clocks by which a debtor sleeps.
//!
//! Whoever keeps the debtor's account may know where they are, and says so in the column of time zones. Otherwise there is their phone. It
//! names a country and not a place in it: where a country has several clocks, a rule has to hold on all of them. Source of those:
//! `zone1970.tab` of the IANA time zone database; islands and bases of few people are left out.

use std::borrow::Cow;

use chrono_tz::{America, Asia, Atlantic, Australia, Europe, Pacific, Tz};

use super::{debtor::DebtorDetails, locale};

/// The field in which an import, or a person, says where a debtor is.
pub const FIELD: &str = "time_zone";

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

/// The clocks that a debtor may live by: that of the zone in their [`FIELD`] alone, else all of their phone's country. What is there and is
/// no zone, or letters such as `CST` that are one here and another one there, say nothing.
pub fn of(debtor: &DebtorDetails) -> Cow<'static, [Tz]> {
    match debtor.fields.get(FIELD).and_then(|text| locale::time_zone(text)) {
        Some(own) => Cow::Owned(vec![own]),
        None => Cow::Borrowed(of_country(debtor.phone.country().as_deref())),
    }
}

/// The clocks of a country by its ISO 3166 code; UTC for countries that are not in the table.
fn of_country(country: Option<&str>) -> &'static [Tz] {
    let known = country.and_then(|country| CLOCKS.iter().find(|(code, _)| *code == country));
    known.map_or(&[Tz::UTC], |(_, clocks)| clocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{debt::Debts, phone::Phone};

    /// The clocks of a number whose owner is said to be in `zone`.
    fn clocks(phone: &str, zone: Option<&str>) -> Vec<Tz> {
        let fields = zone.map(|zone| (FIELD.to_owned(), zone.to_owned())).into_iter().collect();
        let phone = Phone::from_e164(phone).unwrap();
        let details = DebtorDetails { phone, name: String::new(), debts: Debts::default(), tags: [].into(), fields };
        of(&details).into_owned()
    }

    #[test]
    fn a_zone_of_their_own_is_the_only_clock() {
        let mexico = "525512345678";
        assert_eq!(clocks(mexico, Some("America/Tijuana")), [America::Tijuana]);
        assert_eq!(clocks(mexico, Some("Europe/Madrid")), [Europe::Madrid], "also where they are abroad");
        assert_eq!(clocks(mexico, Some(" tijuana ")), [America::Tijuana], "as a person may type it");
        assert_eq!(clocks(mexico, Some("Etc/GMT+7")), [Tz::Etc__GMTPlus7], "what an import makes of UTC-7");
    }

    #[test]
    fn without_one_all_clocks_of_the_country_count() {
        for said in [None, Some(""), Some("CST"), Some("Narnia/Cair_Paravel"), Some("+05:30")] {
            assert_eq!(clocks("525512345678", said).len(), 4, "{said:?}");
            assert_eq!(clocks("573001234567", said), [America::Bogota], "{said:?}");
        }
    }

    #[test]
    fn every_zone_that_an_import_keeps_is_understood() {
        for zone in chrono_tz::TZ_VARIANTS {
            if let Some(kept) = locale::time_zone(zone.name()) {
                assert_eq!(clocks("573001234567", Some(kept.name())), [kept], "{zone}");
            }
        }
    }
}
