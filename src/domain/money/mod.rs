//! Amounts of money, exact, in minor units of a currency; read as people write them.

mod currencies;
mod reading;

use super::text::fold;

/// An ISO 4217 currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// An amount in minor units, for example 150000 with `USD` for 1,500.00 dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// A text that is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is a code of ISO 4217, for example USD")]
pub struct CurrencyError;

/// A text that is not an amount: not a number, negative, or above a thousand billion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an amount of money")]
pub struct MoneyError;

/// What separates the decimals where the amount itself leaves it open: `1.500` is one and a half, or fifteen hundred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decimal {
    /// A single separator before three digits groups thousands.
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
        currencies::decimals(self.as_str())
    }

    /// Reads what stands in a column of currencies: a code, a sign that only one currency has, or a name (`R$`, `S/`, `soles`, `DLS`).
    /// None for what several share (`$`, `Bs`, `pesos`): it means the currency of the amount, or else `default`.
    ///
    /// # Errors
    ///
    /// Anything else; and pesos where `default` is none of those.
    pub fn read(text: &str, default: Self) -> Result<Option<Self>, CurrencyError> {
        if let Ok(currency) = text.trim().parse() {
            return Ok(Some(currency));
        }
        let name = fold(text.trim().trim_end_matches('.'));
        if let Some(code) = currencies::named(&name) {
            return code.parse().map(Some);
        }
        if matches!(name.as_str(), "peso" | "pesos") {
            return if currencies::is_peso(default.as_str()) { Ok(None) } else { Err(CurrencyError) };
        }
        reading::mark(text).ok_or(CurrencyError)
    }

    /// A code as it was stored. Earlier versions took any three letters, and what is owed in them must be read all the same.
    ///
    /// # Errors
    ///
    /// What is not three letters.
    pub fn stored(text: &str) -> Result<Self, CurrencyError> {
        match text.as_bytes() {
            &[a, b, c] if text.bytes().all(|b| b.is_ascii_alphabetic()) => {
                Ok(Self([a, b, c].map(|b| b.to_ascii_uppercase())))
            }
            _ => Err(CurrencyError),
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

    /// A code of a currency that exists, in capitals or not.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::stored(text)
            .and_then(|code| if currencies::exists(code.as_str()) { Ok(code) } else { Err(CurrencyError) })
    }
}

impl Money {
    /// Reads an amount with or without its currency: `$ 1.234.567,89`, `1,234.56`, `R$ 1.500,00`, `1500`, `USD 99.90`. A currency
    /// that the text names counts; `currency` is that of all others.
    ///
    /// # Errors
    ///
    /// Anything else, rather than a guess: negative amounts, scientific notation, dates, two amounts, `10 mil`.
    pub fn parse(text: &str, currency: Currency, decimal: Decimal) -> Result<Self, MoneyError> {
        let (text, named) = reading::unmarked(text).ok_or(MoneyError)?;
        let digits = reading::digits(&text, decimal).ok_or(MoneyError)?;
        let currency = named.unwrap_or(currency);
        let whole: i64 = if digits.whole.is_empty() { 0 } else { digits.whole.parse().map_err(|_| MoneyError)? };
        if whole > LIMIT {
            return Err(MoneyError);
        }
        let decimals = currency.decimals();
        let scale = 10_i64.pow(decimals);
        let mut minor = whole * scale;
        // Digits beyond the minor unit are what a spreadsheet's arithmetic leaves behind: rounded.
        let mut weight = scale;
        for (place, digit) in (0_u32..).zip(digits.fraction.bytes()) {
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
            ("1\u{a0}234\u{a0}567,8", 123_456_780),
            ("1'234.50", 123_450),
            ("1,00,000", 10_000_000),
            ("USD 99.90", 9_990),
            ("99,90 USD", 9_990),
            ("US$ 1.500", 150_000),
            ("$1.500,-", 150_000),
            ("1500.", 150_000),
            ("0.125", 13),
            (".5", 50),
            (",50", 50),
            ("1500.125", 150_013),
            ("150000.0", 15_000_000),
            ("1234.56789", 123_457),
        ] {
            assert_eq!(minor(text, "USD", Decimal::Auto), Some(expected), "{text}");
        }
        assert_eq!(minor("1.500", "USD", Decimal::Point), Some(150));
        assert_eq!(minor("1,500", "USD", Decimal::Comma), Some(150));
        assert_eq!(minor("1.500", "CLP", Decimal::Auto), Some(1_500));
        assert_eq!(minor("1500.5", "USD", Decimal::Comma), Some(150_050), "what can be read one way only is read");
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "$",
            "abc",
            "-5",
            "−500",
            "(1.500)",
            "1500-",
            "12.34.56,7,8",
            "1.50.000",
            "99999999999999",
            "n/a",
            "diez",
            "1.5E+6",
            "10 mil",
            "1.5M",
            "1500k",
            "10/12/2026",
            "2026-12-10",
            "1500 / 2000",
            "1500 2000",
            "US$ 5 COP",
            "12%",
            "1..5",
            "1,234,56",
        ] {
            assert_eq!(minor(text, "USD", Decimal::Auto), None, "{text}");
        }
    }

    #[test]
    fn a_named_currency_counts() {
        let named = |text| Money::parse(text, Currency(*b"COP"), Decimal::Auto).unwrap().currency;
        for (text, currency) in
            [("€ 5", "EUR"), ("USD 99.90", "USD"), ("1.500 reais", "BRL"), ("$ 5", "COP"), ("S/. 12.50", "PEN")]
        {
            assert_eq!(named(text).as_str(), currency, "{text}");
        }
    }

    #[test]
    fn only_currencies_that_exist_are_taken() {
        let read = |text: &str| text.parse::<Currency>().ok().map(|code| code.as_str().to_owned());
        assert_eq!(read("cop").as_deref(), Some("COP"));
        for text in ["SOL", "DLS", "XYZ", "XXX", "", "US", "USDT", "$", "Ñ1"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Currency::stored("SOL").unwrap().as_str(), "SOL", "as earlier versions have stored it");
        assert!(Currency::stored("S0L").is_err());
    }

    #[test]
    fn a_column_of_currencies_is_read_as_people_write_it() {
        let read = |text: &str, default: &str| {
            let read = Currency::read(text, default.parse().unwrap());
            read.map(|code| code.map_or_else(|| "default".to_owned(), |code| code.as_str().to_owned())).ok()
        };
        for (text, currency) in [
            (" usd ", "USD"),
            ("R$", "BRL"),
            ("S/", "PEN"),
            ("S/.", "PEN"),
            ("US$", "USD"),
            ("u$s", "USD"),
            ("RD$", "DOP"),
            ("COP $", "COP"),
            ("$ MXN", "MXN"),
            ("€", "EUR"),
            ("Gs", "PYG"),
            ("₲", "PYG"),
            ("Q.", "GTQ"),
            ("Dólares", "USD"),
            ("DLS", "USD"),
            ("sol", "PEN"),
            ("SOLES", "PEN"),
            ("Reais", "BRL"),
            ("Peso colombiano", "COP"),
            ("$", "default"),
            ("Bs.", "default"),
            ("Bs", "default"),
            ("M.N.", "default"),
            ("pesos", "default"),
            ("PESO", "default"),
        ] {
            assert_eq!(read(text, "COP").as_deref(), Some(currency), "{text}");
        }
        assert_eq!(read("$", "USD").as_deref(), Some("default"));
        for text in ["XYZ", "moneda", "5", "$ 5", "COP USD", "-", ".", ""] {
            assert_eq!(read(text, "COP"), None, "{text}");
        }
        assert_eq!(read("pesos", "USD"), None, "there are no such dollars");
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
