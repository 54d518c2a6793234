//! Reads amounts as people write them, and refuses what could be read in two ways that no setting decides.

use super::{Currency, Decimal};

/// An amount without its currency's scale: digits before and after the decimal separator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digits {
    pub whole: String,
    pub fraction: String,
}

/// Signs and words around an amount, folded to upper case, and the currency that they name; none for those that several share.
/// Longer ones come first.
const MARKS: [(&str, Option<&str>); 42] = [
    ("COL$", Some("COP")),
    ("CLP$", Some("CLP")),
    ("MXN$", Some("MXN")),
    ("MEX$", Some("MXN")),
    ("PESOS", None),
    ("DÓLARES", Some("USD")),
    ("DOLARES", Some("USD")),
    ("DOLLARS", Some("USD")),
    ("EUROS", Some("EUR")),
    ("REAIS", Some("BRL")),
    ("SOLES", Some("PEN")),
    ("M.N.", None),
    ("US$", Some("USD")),
    ("U$S", Some("USD")),
    ("U$D", Some("USD")),
    ("RD$", Some("DOP")),
    ("MX$", Some("MXN")),
    ("AR$", Some("ARS")),
    ("S/.", Some("PEN")),
    ("B/.", Some("PAB")),
    ("BS.", None),
    ("GS.", Some("PYG")),
    ("COP", Some("COP")),
    ("MXN", Some("MXN")),
    ("ARS", Some("ARS")),
    ("CLP", Some("CLP")),
    ("BRL", Some("BRL")),
    ("PEN", Some("PEN")),
    ("USD", Some("USD")),
    ("EUR", Some("EUR")),
    ("PYG", Some("PYG")),
    ("UYU", Some("UYU")),
    ("BOB", Some("BOB")),
    ("GTQ", Some("GTQ")),
    ("CRC", Some("CRC")),
    ("DOP", Some("DOP")),
    ("R$", Some("BRL")),
    ("S/", Some("PEN")),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("₹", Some("INR")),
    ("$", None),
];

/// Splits an amount from the marks around it; the currency is the one that they name.
pub(super) fn unmarked(text: &str) -> Option<(String, Option<Currency>)> {
    let mut rest = text.trim().to_uppercase();
    let mut named: Option<Currency> = None;
    // "$ 1.500 COP": one mark before and one after, at the most two on one side ("COP $ 1.500").
    for _ in 0..3 {
        let mark = MARKS.iter().find_map(|(mark, currency)| {
            let inner = rest.strip_prefix(mark).or_else(|| rest.strip_suffix(mark))?;
            Some((inner.trim().to_owned(), *currency))
        });
        let Some((inner, currency)) = mark else { break };
        if let Some(currency) = currency.and_then(|code| code.parse().ok()) {
            if named.is_some_and(|named| named != currency) {
                return None;
            }
            named = Some(currency);
        }
        rest = inner;
    }
    Some((rest, named))
}

/// What marks without an amount say, where a text is nothing else: the currency that they name, none if they are of several.
pub(super) fn mark(text: &str) -> Option<Option<Currency>> {
    let text = text.trim();
    let upper = text.to_uppercase();
    // A column of them does without the dot that parts "Bs." from an amount.
    let short = MARKS.iter().find(|(mark, _)| mark.strip_suffix('.').is_some_and(|mark| mark == upper));
    if let Some((_, code)) = short {
        return Some(code.and_then(|code| code.parse().ok()));
    }
    let (rest, named) = unmarked(text)?;
    (rest.is_empty() && !text.is_empty()).then_some(named)
}

/// Reads digits, separators of thousands and one of decimals: `1.234.567,89`, `1,234.56`, `1 234,5`, `1'234.50`, `.5`.
pub(super) fn digits(text: &str, decimal: Decimal) -> Option<Digits> {
    // "1.500,-" has no cents.
    let text = text.strip_suffix(",-").or_else(|| text.strip_suffix(".-")).unwrap_or(text).trim_end_matches(['.', ',']);
    let separators: Vec<char> = text.chars().filter(|letter| !letter.is_ascii_digit()).map(plain).collect();
    let runs: Vec<&str> = text.split(|letter: char| !letter.is_ascii_digit()).collect();
    if separators.iter().any(|separator| !".,' ".contains(*separator)) || runs.iter().skip(1).any(|run| run.is_empty())
    {
        return None;
    }
    let (last, before) = runs.split_last()?;
    let grouped = thousands(&runs, &separators);
    let fractional = separators.split_last().filter(|(separator, others)| {
        matches!(separator, '.' | ',')
            && !others.contains(separator)
            && (others.is_empty() || thousands(before, others))
            && (!before[0].is_empty() || others.is_empty())
    });
    let whole = |runs: &[&str]| runs.concat();
    match (grouped, fractional) {
        (true, Some((separator, _))) if reads_as_decimal(*separator, decimal) => {
            Some(Digits { whole: whole(before), fraction: (*last).to_owned() })
        }
        (true, _) => Some(Digits { whole: whole(&runs), fraction: String::new() }),
        (false, Some(_)) => Some(Digits { whole: whole(before), fraction: (*last).to_owned() }),
        (false, None) => None,
    }
}

/// Whether all the separators part thousands: groups of three, or in India of two before the last.
fn thousands(runs: &[&str], separators: &[char]) -> bool {
    let Some((first, groups)) = runs.split_first() else { return false };
    let Some((last, middle)) = groups.split_last() else { return !first.is_empty() };
    let one_kind = separators.iter().all(|separator| *separator == separators[0]);
    let indian = separators[0] == ',' && !middle.is_empty();
    let three = middle.iter().all(|group| group.len() == 3);
    let two = indian && middle.iter().all(|group| group.len() == 2);
    one_kind && (1..=3).contains(&first.len()) && !first.starts_with('0') && last.len() == 3 && (three || two)
}

/// What a lone separator before three digits is: the setting says, and without one it parts thousands.
fn reads_as_decimal(separator: char, decimal: Decimal) -> bool {
    match decimal {
        Decimal::Auto => false,
        Decimal::Comma => separator == ',',
        Decimal::Point => separator == '.',
    }
}

/// The spaces and apostrophes that part thousands, each as its plain form.
fn plain(separator: char) -> char {
    match separator {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '’' => '\'',
        other => other,
    }
}
