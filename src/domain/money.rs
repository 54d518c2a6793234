//! Amounts of money, exact, in minor units of a currency; read as people write them.

/// An ISO 4217 currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// An amount in minor units, for example 150000 with `USD` for 1,500.00 dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// A text that is not three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters, for example USD")]
pub struct CurrencyError;

/// A text that is not an amount: not a number, negative, or above a thousand billion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an amount of money")]
pub struct MoneyError;

/// What separates the decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decimal {
    /// To be seen from the amount itself; a single separator before three digits groups thousands.
    #[default]
    Auto,
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

/// Above this, in major units, an amount is taken for a mistake, for example a phone number in the wrong column.
const LIMIT: i64 = 1_000_000_000_000;

impl Currency {
    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits of the minor unit (ISO 4217).
    pub fn decimals(self) -> u32 {
        match self.as_str() {
            "CLP" | "PYG" | "JPY" | "KRW" | "VND" | "ISK" | "UGX" => 0,
            "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
            _ => 2,
        }
    }

    fn symbol(&self) -> &str {
        match self.as_str() {
            "COP" | "MXN" | "ARS" | "CLP" => "$",
            "USD" => "US$",
            "BRL" => "R$",
            "PEN" => "S/",
            "EUR" => "€",
            "GBP" => "£",
            "INR" => "₹",
            _ => self.as_str(),
        }
    }

    /// Whether the people who use it write `1,234.56`.
    fn uses_point(self) -> bool {
        matches!(self.as_str(), "USD" | "MXN" | "PEN" | "GBP" | "INR" | "DOP" | "GTQ" | "HNL" | "NIO")
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            &[a, b, c] if text.bytes().all(|b| b.is_ascii_alphabetic()) => {
                Ok(Self([a, b, c].map(|b| b.to_ascii_uppercase())))
            }
            _ => Err(CurrencyError),
        }
    }
}

impl Money {
    /// Reads an amount with or without a symbol: `$ 1.234.567,89`, `1,234.56`, `R$ 1.500,00`, `1500`.
    pub fn parse(text: &str, currency: Currency, decimal: Decimal) -> Result<Self, MoneyError> {
        let digits: String = text.chars().filter(|letter| letter.is_ascii_digit() || ".,-".contains(*letter)).collect();
        let strange = text
            .chars()
            .any(|letter| letter.is_alphabetic() && !"RUSCOPMXNBLEARYGDTIKW".contains(letter.to_ascii_uppercase()));
        let digits = digits.trim_end_matches(['.', ',', '-']).trim_start_matches(['.', ',']);
        if strange || digits.is_empty() || digits.contains('-') {
            return Err(MoneyError);
        }
        let (whole, fraction) = match decimal_separator(digits, decimal) {
            Some(separator) => digits.rsplit_once(separator).ok_or(MoneyError)?,
            None => (digits, ""),
        };
        // Thousands come in groups of three; India groups by two before the last three.
        let groups: Vec<&str> = whole.split(['.', ',']).skip(1).collect();
        if groups.iter().any(|group| !(2..=3).contains(&group.len()))
            || groups.last().is_some_and(|last| last.len() != 3)
        {
            return Err(MoneyError);
        }
        let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
        if fraction.contains(['.', ',']) {
            return Err(MoneyError);
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| MoneyError)? };
        if whole > LIMIT {
            return Err(MoneyError);
        }
        let decimals = currency.decimals();
        let scale = 10_i64.pow(decimals);
        let mut minor = whole * scale;
        // Digits beyond the minor unit are what a spreadsheet's arithmetic leaves behind: rounded.
        let mut weight = scale;
        for (place, digit) in (0_u32..).zip(fraction.bytes()) {
            let digit = i64::from(digit - b'0');
            if place < decimals {
                weight /= 10;
                minor += digit * weight;
            } else {
                minor += i64::from(place == decimals && digit >= 5);
                break;
            }
        }
        Ok(Self { minor, currency })
    }

    /// As it is written in a language: `es` and `pt` with a decimal comma, `en` with a point.
    pub fn format(&self, language: &str) -> String {
        self.written(language == "en")
    }

    /// As the people who use the currency write it.
    pub fn format_local(&self) -> String {
        self.written(self.currency.uses_point())
    }

    fn written(&self, point: bool) -> String {
        let (group, decimal) = if point { (',', '.') } else { ('.', ',') };
        let decimals = self.currency.decimals();
        let scale = 10_i64.pow(decimals);
        let (whole, fraction) = (self.minor / scale, (self.minor % scale).abs());
        let mut text = String::new();
        let digits = whole.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) && !text.ends_with('-') {
                text.push(group);
            }
            text.push(digit);
        }
        // Pesos of Colombia have cents that nobody has seen for decades.
        if decimals > 0 && !(fraction == 0 && self.currency.as_str() == "COP") {
            text.push(decimal);
            text.push_str(&format!("{fraction:0width$}", width = decimals as usize));
        }
        format!("{} {text}", self.currency.symbol())
    }
}

/// The separator of the decimals in an amount of digits, points and commas; none where it has no decimals.
fn decimal_separator(digits: &str, decimal: Decimal) -> Option<char> {
    match decimal {
        Decimal::Comma => return digits.contains(',').then_some(','),
        Decimal::Point => return digits.contains('.').then_some('.'),
        Decimal::Auto => {}
    }
    let last = digits.rfind(['.', ','])?;
    let separator = if digits[last..].starts_with(',') { ',' } else { '.' };
    let alone = digits.matches(['.', ',']).count() == 1;
    let repeated = digits.matches(separator).count() > 1;
    let groups = digits.len() - last - 1 == 3;
    let of_zero = &digits[..last] == "0";
    (!(repeated || alone && groups && !of_zero)).then_some(separator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(text: &str, currency: &str, decimal: Decimal) -> Option<i64> {
        Money::parse(text, currency.parse().unwrap(), decimal).ok().map(|money| money.minor)
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1500", 150_000),
            ("1.500", 150_000),
            ("1,500", 150_000),
            ("1.500,00", 150_000),
            ("1,500.00", 150_000),
            ("$ 1.234.567,89", 123_456_789),
            ("R$ 1.234,5", 123_450),
            ("1 234,56", 123_456),
            ("USD 99.90", 9_990),
            ("0.125", 13),
            ("150000.0", 15_000_000),
        ] {
            assert_eq!(minor(text, "USD", Decimal::Auto), Some(expected), "{text}");
        }
        assert_eq!(minor("1.500", "USD", Decimal::Point), Some(150));
        assert_eq!(minor("1,500", "USD", Decimal::Comma), Some(150));
        assert_eq!(minor("1.500", "CLP", Decimal::Auto), Some(1_500));
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", "-", "abc", "-5", "12.34.56,7,8", "99999999999999", "n/a", "diez"] {
            assert_eq!(minor(text, "USD", Decimal::Auto), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_written_for_people() {
        let money = |minor, currency: &str| Money { minor, currency: currency.parse().unwrap() };
        assert_eq!(money(123_456_789, "BRL").format_local(), "R$ 1.234.567,89");
        assert_eq!(money(123_456_789, "MXN").format_local(), "$ 1,234,567.89");
        assert_eq!(money(150_000, "COP").format_local(), "$ 1.500");
        assert_eq!(money(1_500, "CLP").format("es"), "$ 1.500");
        assert_eq!(money(5, "USD").format("en"), "US$ 0.05");
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_again(minor_units in 0..1_000_000_000_000_i64, point: bool) {
            let money = Money { minor: minor_units, currency: "USD".parse().unwrap() };
            let (language, decimal) = if point { ("en", Decimal::Point) } else { ("es", Decimal::Comma) };
            prop_assert_eq!(Money::parse(&money.format(language), money.currency, decimal), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _money = Money::parse(&text, Currency(*b"USD"), Decimal::Auto);
        }
    }
}
