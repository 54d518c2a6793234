//! Why a text is no phone number, where that is certain: a person who is told what is wrong need not look for it.

use std::collections::BTreeSet;

use phonenumber::metadata::{DATABASE, Metadata};

use super::phone::{Region, digits_of, parts, was_rounded, without_extension};

/// What is wrong with a text that [`Phone::parse`](super::phone::Phone::parse) refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It has fewer digits than any mobile or landline of its country, which it may be lacking the area code for.
    TooShort,
    /// It has more digits than any of them.
    TooLong,
    /// Letters stand where digits should be.
    Letters,
    /// A spreadsheet has kept the first digits only, as in `5.73001E+11`.
    Rounded,
}

/// E.164 allows no more digits; the shortest national plans in use give seven with their country code.
const LONGEST: usize = 15;
const SHORTEST: usize = 7;

/// What is wrong with a text that is no phone; none where that is not certain. Lengths are those of libphonenumber's data.
pub fn fault(text: &str, region: Option<Region>) -> Option<Fault> {
    let text = text.trim();
    if was_rounded(text) {
        return Some(Fault::Rounded);
    }
    let number = without_extension(text);
    if has_letters_for_digits(&number) {
        return Some(Fault::Letters);
    }
    // Of several numbers nobody can say which one is meant.
    if parts(text).len() > 1 {
        return None;
    }
    let (digits, international) = digits_of(text)?;
    match digits.len() {
        0..SHORTEST => return Some(Fault::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Some(Fault::TooLong),
    }
    if international {
        let code = phonenumber::parse(None, format!("+{digits}")).ok()?.country().code();
        let national = digits.strip_prefix(&code.to_string())?;
        return Lengths::of(DATABASE.by_code(&code)?.into_iter())?.fault(national.len());
    }
    let lengths = Lengths::of(DATABASE.by_id(region?.as_str()).into_iter())?;
    let rest = digits.strip_prefix(&region?.code()).or_else(|| digits.strip_prefix('0'));
    let whole = lengths.fault(digits.len());
    match rest {
        // It may begin with the country code, or with what is dialled before a number within the country: too long then only if what
        // follows is.
        Some(rest) if whole == Some(Fault::TooLong) => {
            lengths.fault(rest.len()).filter(|fault| *fault == Fault::TooLong)
        }
        _ => whole,
    }
}

/// No digit at all but letters, or a letter right behind a digit; words around a number are common.
fn has_letters_for_digits(text: &str) -> bool {
    let mut before = None;
    let mut letters = false;
    for letter in text.chars() {
        letters |= letter.is_alphabetic();
        if letter.is_alphabetic() && before.is_some_and(|before: char| before.is_ascii_digit()) {
            return true;
        }
        before = Some(letter);
    }
    letters && !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// How many digits the mobiles and landlines of a plan have, without the country code.
struct Lengths {
    all: BTreeSet<usize>,
    /// The least of a mobile: most landlines that are shorter are of a kind that is hardly there any more.
    mobile: usize,
}

impl Lengths {
    fn of<'plan>(plans: impl Iterator<Item = &'plan Metadata>) -> Option<Self> {
        let (mut all, mut mobiles) = (BTreeSet::new(), BTreeSet::new());
        for plan in plans.map(Metadata::descriptors) {
            let lengths = |kind: Option<&phonenumber::metadata::Descriptor>| {
                kind.into_iter()
                    .flat_map(|kind| kind.possible_length().iter().map(|length| usize::from(*length)))
                    .collect::<Vec<_>>()
            };
            all.extend(lengths(plan.fixed_line()));
            mobiles.extend(lengths(plan.mobile()));
        }
        let mobile = *mobiles.first()?;
        all.extend(mobiles);
        Some(Self { all, mobile })
    }

    fn fault(&self, length: usize) -> Option<Fault> {
        if self.all.contains(&length) {
            None
        } else if length < self.mobile {
            Some(Fault::TooShort)
        } else {
            self.all.last().is_some_and(|longest| length > *longest).then_some(Fault::TooLong)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_certain_is_told() {
        use Fault::{Letters, Rounded, TooLong, TooShort};
        for (text, region, expected) in [
            ("12", "CO", Some(TooShort)),
            ("300 123 451", "CO", Some(TooShort)),
            ("98765-4321", "BR", Some(TooShort)),
            ("+57 300 123 451", "CO", Some(TooShort)),
            ("30012345671", "CO", Some(TooLong)),
            ("57300123456789", "CO", Some(TooLong)),
            ("+57 300 123 4567 89", "CO", Some(TooLong)),
            ("99999999999999999999", "CO", Some(TooLong)),
            ("912345678900", "ES", Some(TooLong)),
            ("no tiene", "CO", Some(Letters)),
            ("#N/D", "CO", Some(Letters)),
            ("30O1234567", "CO", Some(Letters)),
            ("300123456l", "CO", Some(Letters)),
            ("5.73001E+11", "CO", Some(Rounded)),
            ("3,00E+09", "CO", Some(Rounded)),
            // Of a length that there is.
            ("1234567890", "CO", None),
            ("12345678", "CR", None),
            // One digit too many, or the country code and one too few.
            ("57300123456", "CO", None),
            ("cel 1234567890", "CO", None),
            ("1234567890 / 2234567890", "CO", None),
            ("----", "CO", Some(TooShort)),
        ] {
            assert_eq!(fault(text, region.parse().ok()), expected, "{text}");
        }
        assert_eq!(fault("3001234", None), None, "nobody knows of which country it is");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "([0-9]{1,9}|[+ ()/.,;|xE-]|ext|00|ñ|😀|\u{a0}|\n){0,9}") {
            for region in ["CO", "US", "IT"] {
                let _fault = fault(&text, region.parse().ok());
            }
            let _fault = fault(&text, None);
        }
    }
}
