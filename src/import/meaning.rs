//! How sure it is what a column holds: by its name in Spanish, Portuguese or English, and by its values.

use super::{
    Column, DateOrder, Field, date,
    names::{is_second, names, rank},
    shown::may_be_phone,
};
use crate::domain::{
    locale,
    money::{Currency, Decimal, Money},
};

/// Confidence, in percent, in a column whose whole header is a field's name, and in one of which some words are.
const WHOLE: u8 = 90;
const PART: u8 = 70;
/// Confidence in what the values alone tell.
const VALUES: u8 = 50;
/// What values that bear a name out add to it, and by what those that contradict it divide it.
const BORNE_OUT: u8 = 9;
const CONTRADICTED: u8 = 2;

/// How sure it is that a column holds a field, in percent.
pub(super) fn confidence(column: &Column, field: Field) -> u8 {
    let all = || column.samples.iter().filter_map(|sample| is_like(sample, field));
    let (fits, contradict) = (all().filter(|fits| *fits).count(), all().filter(|fits| !fits).count());
    let by_name = by_name(&column.header, field).unwrap_or(VALUES);
    if contradict > fits {
        by_name / CONTRADICTED
    } else if fits > contradict && by_name != VALUES {
        by_name + BORNE_OUT
    } else {
        by_name
    }
}

fn by_name(header: &str, field: Field) -> Option<u8> {
    let sure = |field| rank(header, field).map(|place| if place < names(field).len() { WHOLE } else { PART });
    match field {
        Field::Ignore | Field::Custom => Some(WHOLE),
        Field::SecondPhone => sure(Field::Phone).map(|_| if is_second(header) { WHOLE } else { PART }),
        field => sure(field),
    }
}

/// Whether a value bears a meaning out; none where every text may have it.
fn is_like(value: &str, field: Field) -> Option<bool> {
    let value = value.trim();
    match field {
        Field::Phone | Field::SecondPhone => Some(may_be_phone(value)),
        Field::Language => Some(locale::language(value).is_some()),
        Field::TimeZone => Some(locale::time_zone(value).is_some()),
        Field::Country => Some(locale::country(value).is_some()),
        Field::Amount => {
            let currency: Currency = "USD".parse().ok()?;
            Some(Money::parse(value, currency, Decimal::Auto).is_ok())
        }
        Field::DueDate => {
            let orders = [DateOrder::Dmy, DateOrder::Mdy];
            Some(orders.into_iter().any(|order| date::read(value, order).is_some()) || date::serial(value).is_some())
        }
        Field::Currency => {
            let peso: Currency = "COP".parse().ok()?;
            Some(Currency::read(value, peso).is_ok())
        }
        Field::Name | Field::Surname | Field::Company => (!value.chars().any(char::is_alphabetic)).then_some(false),
        Field::Reference | Field::Tags | Field::Ignore | Field::Custom => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_grows_with_the_values_that_bear_a_name_out() {
        let sure = |header: &str, value: &str, field| {
            let samples = Some(value).filter(|value| !value.is_empty()).map(str::to_owned).into_iter().collect();
            confidence(&Column { index: 0, header: header.to_owned(), samples, detected: None, confidence: 0 }, field)
        };
        assert_eq!(sure("Idioma", "español", Field::Language), 99);
        assert_eq!(sure("Idioma", "", Field::Language), 90);
        assert_eq!(sure("Idioma del cliente", "español", Field::Language), 79);
        assert_eq!(sure("Idioma", "3 cuotas", Field::Language), 45);
        assert_eq!(sure("B", "3001234567", Field::Phone), 50);
        assert_eq!(sure("Teléfono 2", "6012345678", Field::SecondPhone), 99);
        assert_eq!(sure("Celular", "no tiene", Field::Phone), 45);
        assert_eq!(sure("Nombre", "Ana", Field::Name), 90);
        assert_eq!(sure("Nombre", "1234", Field::Name), 45);
    }
}
