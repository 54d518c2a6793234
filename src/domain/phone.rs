//! Phone numbers, as people write them and as WhatsApp wants them.

use phonenumber::{Mode, Type, country};

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
    /// country code (then `region` applies), an extension, the `.0` or `5.73001234567E+11` of a spreadsheet, or several numbers, of
    /// which the first valid one counts. The prefixes that Mexico's mobiles had (`+52 1`, `044`, `045`) are dropped;
    /// other national prefixes follow the numbering plans in libphonenumber's data.
    ///
    /// # Errors
    ///
    /// A number without `+` or `00` that fits neither the region's plan nor has its country code: read otherwise, a slip of the
    /// finger would reach somebody in another country. A number of which the spreadsheet has kept the first digits only.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        parts(text)
            .into_iter()
            .find_map(|part| one_number(part, region).or_else(|| two_numbers(part, region).map(|(first, _)| first)))
            // A cell may be too narrow for its number.
            .or_else(|| text.contains('\n').then(|| one_number(&text.replace(['\r', '\n'], " "), region)).flatten())
            .ok_or(PhoneError::Invalid)
    }

    /// The others of several numbers in a text of which [`parse`](Self::parse) takes the first, each once, in their order.
    pub fn others(text: &str, region: Option<Region>) -> Vec<Self> {
        // One number has no more digits than these, with its country code.
        if text.bytes().filter(u8::is_ascii_digit).count() < 14 {
            return Vec::new();
        }
        let mut numbers = Vec::new();
        for part in parts(text.trim()) {
            let found = match one_number(part, region) {
                Some(number) => vec![number],
                None => two_numbers(part, region).map_or_else(Vec::new, |(first, second)| vec![first, second]),
            };
            for number in found {
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        numbers.split_off(numbers.len().min(1))
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

    /// The number of a WhatsApp account, from the digits in its id. An account keeps the form that its number had when it was made:
    /// mobiles have lost the 1 after the country code since in Mexico (2019), and have got a 9 after the area code in Brazil (2016).
    pub fn of_account(digits: &str) -> Result<Self, PhoneError> {
        let digits = without_mexican_mobile_prefix(digits);
        let digits = with_brazilian_ninth_digit(&digits);
        Self::from_e164(&digits)
    }

    /// With the plus sign: `+573001234567`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the plus sign, as in a WhatsApp id: `573001234567`.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The country of its numbering plan (ISO 3166), for example `CO`; none for numbers of no country.
    pub fn country(&self) -> Option<String> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        number.country().id().map(|id| id.as_ref().to_owned())
    }

    /// For logs: only the last three digits.
    pub fn masked(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 3..])
    }
}

/// The digits of one number, without extension and `00`, and whether its country code is written.
pub(super) fn digits_of(text: &str) -> Option<(String, bool)> {
    let text = without_extension(&from_spreadsheet(text.trim())?);
    // Words around a number are common ("cel 300…"); more than a few letters are not a number.
    if text.chars().filter(|letter| letter.is_alphabetic()).count() > 12 {
        return None;
    }
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.contains('+') || digits.starts_with("00");
    if digits.starts_with("00") {
        digits.drain(..2);
    }
    Some((digits, international))
}

fn one_number(text: &str, region: Option<Region>) -> Option<Phone> {
    let (digits, international) = digits_of(text)?;
    let digits = digits.as_str();
    if !(7..=15).contains(&digits.len()) {
        return None;
    }
    let full = || with_code(&without_mexican_mobile_prefix(digits));
    match region.filter(|_| !international) {
        None => full(),
        Some(region) => {
            let digits = region.without_mobile_prefix(digits);
            let trunk = || digits.strip_prefix('0').and_then(|digits| valid(Some(region.0), digits));
            let own = || full().filter(|_| digits.starts_with(&region.code()));
            let direct = valid(Some(region.0), digits).filter(|phone| region.owns(phone));
            longer(trunk(), direct).or_else(own)
        }
    }
}

/// What may each be a number of a text.
pub(super) fn parts(text: &str) -> Vec<&str> {
    text.split(['/', ';', '|', '\n', '\r'])
        .flat_map(|part| {
            [" y ", " o ", " ou ", " or ", " e "]
                .iter()
                .fold(vec![part], |parts, word| parts.into_iter().flat_map(|part| part.split(word)).collect())
        })
        .flat_map(|part| if scientific(part) { vec![part] } else { part.split(',').collect() })
        .collect()
}

/// The first two of numbers with nothing but spaces between them.
fn two_numbers(text: &str, region: Option<Region>) -> Option<(Phone, Phone)> {
    let spaces = text.char_indices().filter(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at);
    spaces.take(MAX_SPACES).find_map(|at| Some((one_number(&text[..at], region)?, one_number(&text[at..], region)?)))
}

/// Spaces at which a text is tried to be parted; two numbers written by people have no more.
const MAX_SPACES: usize = 16;

impl Region {
    /// The ISO 3166 code.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// The country code, without the plus sign.
    pub(super) fn code(self) -> String {
        phonenumber::metadata::DATABASE
            .by_id(self.0.as_ref())
            .map(|plan| plan.country_code().to_string())
            .unwrap_or_default()
    }

    fn owns(self, phone: &Phone) -> bool {
        phone.digits().starts_with(&self.code())
    }

    /// The mobile that the digits are in this country's plan.
    pub(super) fn mobile(self, digits: &str) -> Option<Phone> {
        let number = phonenumber::parse(Some(self.0), digits).ok()?;
        let kind = number.number_type(&phonenumber::metadata::DATABASE);
        let mobile = matches!(kind, Type::Mobile | Type::FixedLineOrMobile);
        valid(Some(self.0), digits).filter(|phone| mobile && self.owns(phone))
    }

    /// Mexico's mobiles were dialled with `044`, `045`, `01` or `1` before their ten digits until 2019.
    fn without_mobile_prefix(self, digits: &str) -> &str {
        if self.0 != country::Id::MX {
            return digits;
        }
        let rest = ["044", "045", "01", "1"].iter().find_map(|prefix| digits.strip_prefix(prefix));
        rest.filter(|rest| rest.len() == 10).unwrap_or(digits)
    }
}

/// The number that the digits after a plus sign are.
pub(super) fn international(digits: &str) -> Option<Phone> {
    if (7..=15).contains(&digits.len()) { valid(None, &format!("+{digits}")) } else { None }
}

fn valid(region: Option<country::Id>, text: &str) -> Option<Phone> {
    let number = phonenumber::parse(region, text).ok().filter(phonenumber::is_valid)?;
    Phone::from_e164(&number.format().mode(Mode::E164).to_string()).ok()
}

/// A number with its country code, and perhaps with the zero after it that is dialled only within a country.
fn with_code(digits: &str) -> Option<Phone> {
    let code = phonenumber::parse(None, format!("+{digits}")).ok()?.code().value().to_string();
    let rest = digits.strip_prefix(&code).and_then(|rest| rest.strip_prefix('0'));
    longer(rest.and_then(|rest| valid(None, &format!("+{code}{rest}"))), valid(None, &format!("+{digits}")))
}

/// The one that leaves fewer digits out: after a zero, numbering plans take some for a carrier's, so that `+57 0 304 600 0000` would be
/// somebody with `4600 0000`.
fn longer(one: Option<Phone>, other: Option<Phone>) -> Option<Phone> {
    one.into_iter().chain(other).max_by_key(|phone| phone.digits().len())
}

/// `+52 1 55 …` was how mobiles were dialled until 2019.
fn without_mexican_mobile_prefix(digits: &str) -> String {
    match digits.strip_prefix("521") {
        Some(rest) if rest.len() == 10 => format!("52{rest}"),
        _ => digits.to_owned(),
    }
}

/// `+55 31 8765 4321` was a mobile before all of them had nine digits; only what begins with 2 to 5 has eight now.
fn with_brazilian_ninth_digit(digits: &str) -> String {
    match digits.strip_prefix("55").filter(|rest| rest.len() == 10).map(|rest| rest.split_at(2)) {
        Some((area, number)) if number.starts_with(['6', '7', '8', '9']) => format!("55{area}9{number}"),
        _ => digits.to_owned(),
    }
}

/// `601 234 5678 ext. 12` → `601 234 5678`.
pub(super) fn without_extension(text: &str) -> String {
    let folded = text.to_lowercase();
    let words = ["ext", "ramal", "anexo", "int", "#", "x"];
    let at =
        words.iter().filter_map(|word| folded.find(word)).filter(|at| *at > 0 && folded.is_char_boundary(*at)).min();
    // Lower case may have another length than the text it came from.
    at.and_then(|at| text.get(..at)).unwrap_or(text).to_owned()
}

/// What a spreadsheet makes of a number: `3001234567.0`, `5.73001234567E+11`; none where it has rounded digits away.
fn from_spreadsheet(text: &str) -> Option<String> {
    if !scientific(text) {
        // "60.00.00.00.0" is a phone with its digits in pairs.
        let run = |digits: &str| digits.bytes().rev().take_while(u8::is_ascii_digit).count();
        let number = text.strip_suffix(".0").filter(|digits| run(digits) >= 7);
        return Some(number.unwrap_or(text).to_owned());
    }
    let upper = text.to_uppercase();
    let (mantissa, exponent) = upper.split_once('E')?;
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    (fraction.len() == exponent).then(|| format!("{whole}{fraction}"))
}

/// Whether a spreadsheet has rounded digits away.
pub(super) fn was_rounded(text: &str) -> bool {
    scientific(text) && from_spreadsheet(text).is_none()
}

/// Whether it looks like `5.73E+11`.
fn scientific(text: &str) -> bool {
    let upper = text.trim().to_uppercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    upper.split_once('E').is_some_and(|(mantissa, exponent)| {
        digits(exponent.trim_start_matches('+')) && digits(&mantissa.replace(['.', ','], ""))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str, region: &str) -> Option<String> {
        Phone::parse(text, Some(region.parse().unwrap())).ok().map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn an_account_made_long_ago_is_known_by_the_number_of_today() {
        for (account, number) in [
            ("5215512345678", "+525512345678"),
            ("525512345678", "+525512345678"),
            ("553187654321", "+5531987654321"),
            ("5531987654321", "+5531987654321"),
            // No mobile.
            ("553132654321", "+553132654321"),
            ("573001234567", "+573001234567"),
            ("15215512345678", "+15215512345678"),
        ] {
            assert_eq!(Phone::of_account(account).unwrap().as_str(), number);
        }
        assert_eq!(Phone::of_account("5511ab"), Err(PhoneError::Invalid));
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
            "3001234567 3017654321",
            "300 123 4567 301 765 4321",
            "3001234567\n3017654321",
            "300 123\n4567",
            "3001234567 ou 3017654321",
            "3001234567, 3017654321",
            "300 123 4567 ext. 12",
            "03001234567",
            "5,73001234567E+11",
        ] {
            assert_eq!(parsed(text, "CO").as_deref(), Some("+573001234567"), "{text}");
        }
        assert_eq!(parsed("+52 1 55 1234 5678", "MX").as_deref(), Some("+525512345678"));
        for text in
            ["55 1234 5678", "1 55 1234 5678", "044 55 1234 5678", "045 55 1234 5678", "5215512345678", "525512345678"]
        {
            assert_eq!(parsed(text, "MX").as_deref(), Some("+525512345678"), "{text}");
        }
        assert_eq!(parsed("(11) 98765-4321", "BR").as_deref(), Some("+5511987654321"));
        assert_eq!(Phone::parse("+1 202 555 0123", None).unwrap().as_str(), "+12025550123");
    }

    #[test]
    fn the_others_of_several_numbers_are_known() {
        let region = "CO".parse().ok();
        let three: Vec<_> = Phone::others("3001234567, 3017654321 / 300 123 4567 / 3021234567", region)
            .iter()
            .map(|phone| phone.as_str().to_owned())
            .collect();
        assert_eq!(three, ["+573017654321", "+573021234567"]);
        let second = |text| Phone::others(text, "CO".parse().ok()).first().map(|phone| phone.as_str().to_owned());
        for text in [
            "3001234567 / 3017654321",
            "3001234567 3017654321",
            "300 123 4567 301 765 4321",
            "no tiene; 300 123 4567, 3017654321",
            "3001234567\n3001234567\n3017654321",
        ] {
            assert_eq!(second(text).as_deref(), Some("+573017654321"), "{text}");
        }
        for text in ["3001234567", "+57 300 123 4567 ext. 12", "3001234567 / 573001234567", "5.73001234567E+11", ""] {
            assert_eq!(second(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["12", "abc", "300123", "no tiene teléfono", "0000000000", "99999999999999999999"] {
            assert_eq!(parsed(text, "CO"), None, "{text}");
        }
        assert_eq!(Phone::parse("  ", None), Err(PhoneError::Empty));
    }

    #[test]
    fn a_zero_before_a_number_takes_no_other_digits_with_it() {
        for text in ["+57 0 3046000000", "+5703046000000", "0 304 600 0000", "304 600 0000"] {
            assert_eq!(parsed(text, "CO").as_deref(), Some("+573046000000"), "{text}");
        }
    }

    #[test]
    fn nobody_else_is_reached_by_a_guess() {
        for text in ["5.73001E+11", "5.73E+11", "12025550123", "5511987654321", "447911123456"] {
            assert_eq!(parsed(text, "CO"), None, "{text}");
        }
        assert_eq!(
            parsed("+12025550123", "CO").as_deref(),
            Some("+12025550123"),
            "a country code that is written counts"
        );
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
