//! Phones that look mistyped, and what they may have been meant to be.
//!
//! A correction is proposed and never made here: read otherwise than it stands, a number may be somebody else's. A person decides, for
//! each kind of slip.

use std::sync::LazyLock;

use super::{
    phone::{Phone, Region, digits_of, international},
    text_enum,
};

text_enum! {
    /// What seems to have gone wrong with a number.
    pub enum Slip {
        /// An Argentine number without the 9 that mobiles have between country code and area code when they are called from abroad, which
        /// is how WhatsApp knows them; without it the number is that of a landline. Source: Plan Fundamental de Numeración Nacional
        /// (Argentina; regulator: ENACOM), as notified to the ITU (E.164 national numbering plan, +54).
        ArgentineNine = "argentine_nine",
        /// An Argentine mobile with the 15 that is dialled after the area code within the country, and has no place behind +54. Source: as
        /// above.
        ArgentineFifteen = "argentine_fifteen",
        /// A Brazilian mobile of eight digits: since November 2016 all have nine, of which the first is 9, while those of landlines have
        /// eight that begin with 2 to 5. Source: ANATEL, resolução 553/2010.
        BrazilianNinthDigit = "brazilian_ninth_digit",
        /// The country code stands there twice.
        DoubledCountryCode = "doubled_country_code",
        /// What is dialled before a number within the country, after the country code: a zero (ITU-T E.164, 6.2.5: the trunk prefix is no
        /// part of the number), in Brazil with the two digits of a carrier, in Mexico 01, 044 and 045, which went on 3 August 2019 with
        /// the 1 after +52 (IFT, Plan Técnico Fundamental de Numeración, DOF 11 May 2018). That 1 alone is no slip: WhatsApp kept it
        /// for years, and [`Phone::parse`] drops it; since 2019 no Mexican mobile can lack one.
        TrunkPrefix = "trunk_prefix",
        /// A whole number of another country, without the plus sign before its country code.
        UnmarkedCountryCode = "unmarked_country_code",
        /// No number of the country that the file is from, but a mobile of exactly one other.
        OtherCountry = "other_country",
    }
}

/// What a number may have been meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub slip: Slip,
    pub phone: Phone,
}

/// Countries whose numbers turn up in each other's files.
const NEIGHBOURS: [&str; 21] = [
    "AR", "BO", "BR", "CL", "CO", "CR", "DO", "EC", "ES", "GT", "HN", "MX", "NI", "PA", "PE", "PT", "PY", "SV", "US",
    "UY", "VE",
];

/// The same, with their country codes.
static PLANS: LazyLock<Vec<(Region, String)>> = LazyLock::new(|| {
    let region = |country: &&str| country.parse::<Region>().ok();
    NEIGHBOURS.iter().filter_map(region).map(|region| (region, region.code())).collect()
});

const ARGENTINA: &str = "54";
const BRAZIL: &str = "55";
const MEXICO: &str = "52";

/// What a text that [`Phone::parse`] refuses may have been meant to be; none where nothing, or more than one thing, comes to mind.
pub fn propose(text: &str, region: Option<Region>) -> Option<Proposal> {
    let (digits, marked) = digits_of(text)?;
    if !(8..=18).contains(&digits.len()) {
        return None;
    }
    let home = region.map(Region::code).unwrap_or_default();
    let proposal = |slip| move |phone| Proposal { slip, phone };
    doubled(&digits, &home, marked)
        .map(proposal(Slip::DoubledCountryCode))
        .or_else(|| fifteen(national(&digits, ARGENTINA, &home)?).map(proposal(Slip::ArgentineFifteen)))
        .or_else(|| ninth_digit(national(&digits, BRAZIL, &home)?).map(proposal(Slip::BrazilianNinthDigit)))
        .or_else(|| trunk(&digits, &home, marked).map(proposal(Slip::TrunkPrefix)))
        .or_else(|| abroad(&digits, region).filter(|_| !marked))
}

/// What a valid number may rather have been meant to be.
pub fn doubt(phone: &Phone) -> Option<Proposal> {
    let rest = phone.digits().strip_prefix(ARGENTINA).filter(|rest| rest.len() == 10 && !rest.starts_with('9'))?;
    let phone = international(&format!("{ARGENTINA}9{rest}"))?;
    Some(Proposal { slip: Slip::ArgentineNine, phone })
}

/// Country codes that a number may begin with: that of the file, and of neighbours where it is written.
fn codes(home: &str, marked: bool) -> impl Iterator<Item = &str> {
    let others = PLANS.iter().map(|(_, code)| code.as_str()).filter(move |code| marked && *code != home);
    std::iter::once(home).filter(|home| !home.is_empty()).chain(others)
}

fn doubled(digits: &str, home: &str, marked: bool) -> Option<Phone> {
    codes(home, marked).find_map(|code| {
        let once = digits.strip_prefix(code)?;
        once.starts_with(code).then(|| international(once)).flatten()
    })
}

/// The digits after the country code, or all of them in the country's own file, without the zero before them.
fn national<'a>(digits: &'a str, code: &str, home: &str) -> Option<&'a str> {
    // In a file of Brazil, 55 is an area code too: of ten or eleven digits it is not the country's.
    let rest = digits.strip_prefix(code).filter(|_| digits.len() > 11);
    let rest = rest.or_else(|| (code == home).then_some(digits))?;
    Some(rest.strip_prefix('0').unwrap_or(rest))
}

/// `11 15 2345 6789` → `+54 9 11 2345 6789`
fn fifteen(national: &str) -> Option<Phone> {
    let national = if national.len() == 13 { national.strip_prefix('9')? } else { national };
    if national.len() != 12 {
        return None;
    }
    let mut fits = (2..=4).filter_map(|area| {
        let (area, rest) = national.split_at_checked(area)?;
        international(&format!("{ARGENTINA}9{area}{}", rest.strip_prefix("15")?))
    });
    fits.next().filter(|_| fits.next().is_none())
}

/// `11 8765-4321` → `+55 11 98765-4321`
fn ninth_digit(national: &str) -> Option<Phone> {
    let (area, subscriber) = national.split_at_checked(2).filter(|_| national.len() == 10)?;
    subscriber
        .starts_with(['6', '7', '8', '9'])
        .then(|| international(&format!("{BRAZIL}{area}9{subscriber}")))
        .flatten()
}

/// `+57 0 300 123 4567` → `+57 300 123 4567`
fn trunk(digits: &str, home: &str, marked: bool) -> Option<Phone> {
    // "00300…" is not a call abroad but one zero too many.
    let zeros = || international(&format!("{home}{digits}")).filter(|_| marked && !home.is_empty());
    let after = |code: &str| {
        let rest = digits.strip_prefix(code)?;
        let prefixes: &[&str] = if code == MEXICO { &["044", "045", "01"] } else { &[] };
        let dialled = prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix));
        let rest = dialled.or_else(|| rest.strip_prefix('0').map(|rest| rest.trim_start_matches('0')))?;
        let number = |rest: &str| international(&format!("{code}{rest}"));
        // In Brazil a carrier of two digits may be chosen.
        number(rest).or_else(|| rest.get(2..).filter(|_| code == BRAZIL).and_then(number))
    };
    codes(home, marked).find_map(after).or_else(zeros)
}

/// The one number of another country that the digits are, with its country code or without.
fn abroad(digits: &str, region: Option<Region>) -> Option<Proposal> {
    let others = || PLANS.iter().filter(|(other, _)| Some(*other) != region);
    let whole = international(digits).filter(|_| others().any(|(_, code)| digits.starts_with(code.as_str())));
    let whole = whole.map(|phone| Proposal { slip: Slip::UnmarkedCountryCode, phone });
    let mobiles = others().filter_map(|(other, _)| other.mobile(digits));
    let mut all = whole.into_iter().chain(mobiles.map(|phone| Proposal { slip: Slip::OtherCountry, phone }));
    let first = all.next()?;
    all.all(|other| other.phone == first.phone).then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    fn proposed(text: &str, country: &str) -> Option<(Slip, String)> {
        let region = country.parse().ok();
        assert!(Phone::parse(text, region).is_err(), "{text} is valid as it stands");
        propose(text, region).map(|proposal| (proposal.slip, proposal.phone.as_str().to_owned()))
    }

    #[test]
    fn each_kind_of_slip_is_told() {
        for (text, country, slip, phone) in [
            ("54 9 11 15 2345-6703", "AR", Slip::ArgentineFifteen, "+5491123456703"),
            ("(11) 8765-4321", "BR", Slip::BrazilianNinthDigit, "+5511987654321"),
            ("+55 21 8765-4321", "CO", Slip::BrazilianNinthDigit, "+5521987654321"),
            ("55 11 8765-4321", "BR", Slip::BrazilianNinthDigit, "+5511987654321"),
            ("57573001234567", "CO", Slip::DoubledCountryCode, "+573001234567"),
            ("+57 57 300 123 4567", "CO", Slip::DoubledCountryCode, "+573001234567"),
            ("+51 51 912 345 678", "CO", Slip::DoubledCountryCode, "+51912345678"),
            ("+52 044 55 1234 5678", "MX", Slip::TrunkPrefix, "+525512345678"),
            ("12025550123", "CO", Slip::UnmarkedCountryCode, "+12025550123"),
            ("525512345678", "CO", Slip::UnmarkedCountryCode, "+525512345678"),
            ("11987654321", "CO", Slip::OtherCountry, "+5511987654321"),
        ] {
            assert_eq!(proposed(text, country), Some((slip, phone.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_may_be_several_numbers_is_none() {
        for (text, country) in [
            ("912345678", "CO"),
            ("98765-4321", "BR"),
            ("1234 5678", "MX"),
            ("300123451", "CO"),
            ("30012345111", "CO"),
            ("no tiene", "CO"),
            ("12345", "AR"),
            ("912345678900", "ES"),
        ] {
            assert_eq!(proposed(text, country), None, "{text}");
        }
    }

    #[test]
    fn an_argentine_number_without_its_nine_is_doubted() {
        let doubted = |text: &str| doubt(&Phone::parse(text, "AR".parse().ok()).unwrap());
        let proposal = doubted("011 2345-6703").unwrap();
        assert_eq!((proposal.slip, proposal.phone.as_str()), (Slip::ArgentineNine, "+5491123456703"));
        assert_eq!(doubted("+54 9 11 2345-6703"), None);
        assert_eq!(doubt(&Phone::sample()), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_proposed_is_a_number(text in "[+0-9 ()-]{6,22}", country in select(NEIGHBOURS.to_vec())) {
            if let Some(proposal) = propose(&text, country.parse().ok()) {
                prop_assert_eq!(Phone::parse(proposal.phone.as_str(), None), Ok(proposal.phone));
            }
        }
    }
}
