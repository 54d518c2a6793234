//! Phone numbers, as people write them and as WhatsApp wants them.

use phonenumber::{Mode, country};

/// A phone number in E.164, for example `+573001234567`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

/// Why a text is not a phone number we can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("there is no phone number")]
    Empty,
    #[error("this is not a valid phone number")]
    Invalid,
}

/// A country, by its ISO 3166 code, whose numbering plan applies to numbers without a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

/// A text that is no country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, for example CO")]
pub struct RegionError;

impl std::str::FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_ascii_uppercase().parse().map(Self).map_err(|_| RegionError)
    }
}

impl Phone {
    /// Reads a number as people and spreadsheets write it: spaces, dots, dashes, brackets, `00` or `+` before the country code, no
    /// country code (then `region` applies), the `.0` or `5.73E+11` of a spreadsheet, or several numbers, of which the first valid
    /// one counts. Mexico's former mobile prefix (`+52 1 …`) is dropped, as WhatsApp does; other national prefixes follow the
    /// numbering plans in libphonenumber's data.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        text.split(['/', ';', ',', '|'])
            .flat_map(|part| part.split(" y "))
            .flat_map(|part| part.split(" o "))
            .find_map(|part| one_number(part, region))
            .ok_or(PhoneError::Invalid)
    }

    /// A number that belongs to nobody.
    pub fn sample() -> Self {
        Self("+573000000000".to_owned())
    }

    /// A number already in E.164, with or without the plus sign; for texts that a machine wrote.
    pub fn from_e164(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() {
            return Err(PhoneError::Empty);
        }
        // E.164 allows 15 digits; the shortest national plans in use give 7 with their country code.
        if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.starts_with('0') {
            return Err(PhoneError::Invalid);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// With the plus sign: `+573001234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the plus sign, as in a WhatsApp id: `573001234567`.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// For logs: only the last three digits.
    pub fn masked(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 3..])
    }
}

fn one_number(text: &str, region: Option<Region>) -> Option<Phone> {
    let text = from_spreadsheet(text.trim());
    // Words around a number are common ("cel 300…"); more than a few letters are not a number.
    if text.chars().filter(|letter| letter.is_alphabetic()).count() > 12 {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.contains('+') || digits.starts_with("00");
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    if !(7..=15).contains(&digits.len()) {
        return None;
    }
    let national = region.filter(|_| !international).and_then(|region| valid(Some(region.0), digits));
    national.or_else(|| valid(None, &format!("+{}", without_mexican_mobile_prefix(digits))))
}

fn valid(region: Option<country::Id>, text: &str) -> Option<Phone> {
    let number = phonenumber::parse(region, text).ok().filter(phonenumber::is_valid)?;
    Phone::from_e164(&number.format().mode(Mode::E164).to_string()).ok()
}

/// `+52 1 55 …` was how mobiles were dialled until 2019.
fn without_mexican_mobile_prefix(digits: &str) -> String {
    match digits.strip_prefix("521") {
        Some(rest) if rest.len() == 10 => format!("52{rest}"),
        _ => digits.to_owned(),
    }
}

/// What a spreadsheet makes of a number: `3001234567.0`, `5.73001234567E+11`.
fn from_spreadsheet(text: &str) -> String {
    let looks_scientific = text.to_ascii_uppercase().contains("E+") && text.starts_with(|c: char| c.is_ascii_digit());
    if looks_scientific && let Ok(number) = text.parse::<f64>() {
        return format!("{number:.0}");
    }
    text.strip_suffix(".0").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str, region: &str) -> Option<String> {
        Phone::parse(text, Some(region.parse().unwrap())).ok().map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn a_number_is_understood_six_ways_and_more() {
        for text in [
            "3001234567",
            "300 123 4567",
            "(300) 123-4567",
            "+57 300 123 4567",
            "0057 300 1234567",
            "573001234567",
            "3001234567.0",
            "5.73001234567E+11",
            "cel. 300.123.4567",
            "3001234567 / 3017654321",
            "no tiene; 300 123 4567",
        ] {
            assert_eq!(parsed(text, "CO").as_deref(), Some("+573001234567"), "{text}");
        }
        assert_eq!(parsed("+52 1 55 1234 5678", "MX").as_deref(), Some("+525512345678"));
        assert_eq!(parsed("(11) 98765-4321", "BR").as_deref(), Some("+5511987654321"));
        assert_eq!(Phone::parse("+1 202 555 0123", None).unwrap().as_str(), "+12025550123");
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["12", "abc", "300123", "no tiene teléfono", "0000000000", "99999999999999999999"] {
            assert_eq!(parsed(text, "CO"), None, "{text}");
        }
        assert_eq!(Phone::parse("  ", None), Err(PhoneError::Empty));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_is_read_again(text in ".{0,30}") {
            if let Ok(phone) = Phone::parse(&text, "CO".parse().ok()) {
                prop_assert_eq!(Phone::from_e164(phone.as_str()), Ok(phone));
            }
        }
    }
}
