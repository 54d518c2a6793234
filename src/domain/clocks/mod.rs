//! The clocks by which a debtor sleeps.
//!
//! Whoever keeps the debtor's account may know where they are, and says so in the column of time zones. Otherwise there is their phone. It
//! names a country and not a place in it: where a country has several clocks, a rule has to hold on all of them.

mod countries;

use std::borrow::Cow;

use chrono_tz::Tz;

use self::countries::CLOCKS;
use super::{debtor::DebtorDetails, locale, phone::Phone};

/// The field in which an import, or a person, says where a debtor is.
pub const FIELD: &str = "time_zone";

/// The clocks that a debtor may live by: that of the zone in their [`FIELD`] alone, else all of their phone's country. What is there and is
/// no zone, or letters such as `CST` that are one here and another one there, say nothing.
pub fn of(debtor: &DebtorDetails) -> Cow<'static, [Tz]> {
    match debtor.fields.get(FIELD).and_then(|text| locale::time_zone(text)) {
        Some(own) => Cow::Owned(vec![own]),
        None => Cow::Borrowed(of_phone(&debtor.phone)),
    }
}

/// The clocks of a phone's country.
pub fn of_phone(phone: &Phone) -> &'static [Tz] {
    of_country(phone.country().as_deref())
}

/// The clocks of a country by its ISO 3166 code; UTC where a number is of none, as those of satellites are.
fn of_country(country: Option<&str>) -> &'static [Tz] {
    let known = country.and_then(|country| CLOCKS.binary_search_by_key(&country, |(code, _)| *code).ok());
    known.map_or(&[Tz::UTC], |place| CLOCKS[place].1)
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Asia, Europe};

    use super::*;
    use crate::domain::debt::Debts;

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
    fn every_country_is_there_once() {
        assert!(CLOCKS.is_sorted_by(|one, next| one.0 < next.0), "in order");
        assert!(CLOCKS.iter().all(|(_, clocks)| !clocks.is_empty()));
        // Whose people slept by Greenwich, as long as only some countries were known.
        assert_eq!(clocks("81312345678", None), [Asia::Tokyo]);
        assert_eq!(clocks("639171234567", None), [Asia::Manila]);
        assert_eq!(clocks("79161234567", None).len(), 11);
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
