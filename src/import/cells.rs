//! One row of a spreadsheet, cell by cell.

use std::collections::BTreeMap;

use super::{CommitPlan, Field, Mapping, date, report::Reason, sheet::Row};
use crate::domain::{
    debt::Debt,
    debtor::DebtorDetails,
    locale,
    money::{Currency, Decimal, Money},
    phone::{Phone, PhoneError, Region},
    phone_fault::{self, Fault},
    phone_slip::{self, Proposal},
    text::words,
};

/// What there is to say of a cell.
pub(super) struct Told {
    pub reason: Reason,
    pub field: Field,
    /// Where the field may be of several columns.
    pub index: Option<usize>,
    pub proposal: Option<Proposal>,
}

impl Told {
    pub const fn new(reason: Reason, field: Field) -> Self {
        Self { reason, field, index: None, proposal: None }
    }
}

/// The first column of a field.
pub(super) fn column(plan: &CommitPlan, field: Field) -> Option<&Mapping> {
    plan.mapping.iter().find(|mapping| mapping.field == field)
}

/// A row that is being understood.
pub(super) struct Cells<'row> {
    row: &'row Row,
    plan: &'row CommitPlan,
    /// What was left out, or may be wrong.
    pub warnings: Vec<Told>,
    /// How the phone was corrected.
    pub corrected: Option<Proposal>,
}

impl<'row> Cells<'row> {
    pub const fn new(row: &'row Row, plan: &'row CommitPlan) -> Self {
        Self { row, plan, warnings: Vec::new(), corrected: None }
    }

    /// The value of a field; none where it has no column or the cell is empty.
    fn value(&self, field: Field) -> Option<&'row str> {
        let value = self.row.cell(column(self.plan, field)?.index);
        (!value.is_empty()).then_some(value)
    }

    /// The values of all columns of a kind that may hold any text, without failed formulas.
    fn texts(&mut self, field: Field) -> Vec<(&'row Mapping, &'row str)> {
        let mut texts = Vec::new();
        for mapping in self.plan.mapping.iter().filter(|mapping| mapping.field == field) {
            let value = self.row.cell(mapping.index);
            if is_error(value) {
                let told = Told::new(Reason::FormulaFailed, field);
                self.warnings.push(Told { index: Some(mapping.index), ..told });
            } else if !value.is_empty() {
                texts.push((mapping, value));
            }
        }
        texts
    }

    fn text(&mut self, field: Field) -> Option<String> {
        self.texts(field).first().map(|(_, text)| (*text).to_owned())
    }

    /// The debtor that the row is, or why it is none.
    pub fn debtor(&mut self) -> Result<DebtorDetails, Told> {
        let region = self.region()?;
        let phone = self.phone(region)?;
        let name = self.name().ok_or(Told::new(Reason::NameMissing, Field::Name))?;
        let (amount, due_date) = (self.debt()?, self.due_date()?);
        let tags = self.texts(Field::Tags);
        let tags = tags.iter().flat_map(|(_, tags)| tags.split([',', ';', '|'])).map(|tag| tag.trim().to_lowercase());
        Ok(DebtorDetails {
            phone,
            name,
            debts: Debt { reference: self.text(Field::Reference), amount, due_date }.into(),
            tags: tags.filter(|tag| !tag.is_empty()).chain(self.plan.tags.iter().cloned()).collect(),
            fields: self.fields(region),
        })
    }

    /// The name with the surnames behind it, unless it has them already, as where "Cliente" holds both.
    fn name(&mut self) -> Option<String> {
        let name = self.value(Field::Name).filter(|name| !is_error(name)).map(single_spaced).unwrap_or_default();
        let surnames: Vec<&str> = self.texts(Field::Surname).into_iter().map(|(_, surname)| surname).collect();
        let surname = single_spaced(&surnames.join(" "));
        let has = || {
            let (known, added) = (words(&name), words(&surname));
            known.ends_with(&format!(" {added}")) || known.starts_with(&format!("{added} "))
        };
        let name = if surname.is_empty() || has() { name } else { format!("{name} {surname}").trim().to_owned() };
        (!name.is_empty()).then_some(name)
    }

    /// The country whose plan the row's phones are of. Where the row names one that is not understood, none will do: a number without
    /// a country code would be somebody else's.
    fn region(&self) -> Result<Option<Region>, Told> {
        let Some(country) = self.value(Field::Country) else { return Ok(Some(self.plan.country)) };
        let marked = self.value(Field::Phone).is_none_or(|phone| phone.starts_with(['+']) || phone.starts_with("00"));
        match locale::country(country) {
            Some(region) => Ok(Some(region)),
            None if marked => Ok(None),
            None => Err(Told::new(Reason::CountryUnknown, Field::Country)),
        }
    }

    fn phone(&mut self, region: Option<Region>) -> Result<Phone, Told> {
        let text = self.value(Field::Phone).unwrap_or_default();
        match Phone::parse(text, region) {
            Ok(phone) => Ok(match phone_slip::doubt(&phone) {
                Some(proposal) if self.plan.corrections.contains(&proposal.slip) => self.correct(proposal),
                Some(proposal) => {
                    let told = Told::new(Reason::PhoneDoubtful, Field::Phone);
                    self.warnings.push(Told { proposal: Some(proposal), ..told });
                    phone
                }
                None => phone,
            }),
            Err(PhoneError::Empty) => Err(Told::new(Reason::PhoneMissing, Field::Phone)),
            Err(PhoneError::Invalid) => match phone_slip::propose(text, region) {
                Some(proposal) if self.plan.corrections.contains(&proposal.slip) => Ok(self.correct(proposal)),
                Some(proposal) => {
                    let told = Told::new(Reason::PhoneMistyped, Field::Phone);
                    Err(Told { proposal: Some(proposal), ..told })
                }
                None => Err(Told::new(why_no_phone(text, region), Field::Phone)),
            },
        }
    }

    fn correct(&mut self, proposal: Proposal) -> Phone {
        let phone = proposal.phone.clone();
        self.corrected = Some(proposal);
        phone
    }

    fn is_number(&self, field: Field) -> bool {
        column(self.plan, field).is_some_and(|mapping| self.row.is_number(mapping.index))
    }

    fn debt(&self) -> Result<Option<Money>, Told> {
        let read = |text| Currency::read(text, self.plan.currency);
        let column = self.value(Field::Currency).map(read).transpose();
        let column = column.map_err(|_| Told::new(Reason::CurrencyInvalid, Field::Currency))?.flatten();
        let currency = column.unwrap_or(self.plan.currency);
        // A workbook's own numbers have a decimal point whatever its language.
        let decimal = if self.is_number(Field::Amount) { Decimal::Point } else { self.plan.decimal };
        let Some(text) = self.value(Field::Amount) else { return Ok(None) };
        let debt =
            Money::parse(text, currency, decimal).map_err(|_| Told::new(Reason::AmountInvalid, Field::Amount))?;
        if column.is_some() && debt.currency != currency {
            return Err(Told::new(Reason::CurrencyInvalid, Field::Amount));
        }
        Ok(Some(debt))
    }

    fn due_date(&self) -> Result<Option<chrono::NaiveDate>, Told> {
        let Some(text) = self.value(Field::DueDate) else { return Ok(None) };
        let serial = self.is_number(Field::DueDate);
        let date = if serial { date::serial(text) } else { date::read(text, self.plan.date_order) };
        date.map(Some).ok_or(Told::new(Reason::DueDateInvalid, Field::DueDate))
    }

    /// The values of further columns. What is not understood in one that has a meaning is left out and told; the debtor is stored.
    fn fields(&mut self, region: Option<Region>) -> BTreeMap<String, String> {
        let custom = self.texts(Field::Custom).into_iter();
        let custom =
            custom.filter_map(|(mapping, value)| Some((variable(mapping.variable.as_deref()?), value.to_owned())));
        let mut fields: BTreeMap<String, String> = custom.filter(|(name, _)| !name.is_empty()).collect();
        let company = self.text(Field::Company).map(|company| single_spaced(&company));
        let second = self.second_phone(region);
        let language =
            self.understood(Field::Language, Reason::LanguageUnknown, |text| locale::language(text).map(str::to_owned));
        let time_zone = self.understood(Field::TimeZone, Reason::TimeZoneUnknown, |text| {
            locale::time_zone(text).map(|zone| zone.name().to_owned())
        });
        for (field, value) in [
            (Field::SecondPhone, second),
            (Field::Company, company),
            (Field::Language, language),
            (Field::TimeZone, time_zone),
        ] {
            fields.extend(value.map(|value| (field.as_str().to_owned(), value)));
        }
        fields
    }

    fn understood(&mut self, field: Field, reason: Reason, read: fn(&str) -> Option<String>) -> Option<String> {
        let text = self.value(field)?;
        let read = read(text);
        if read.is_none() {
            self.warnings.push(Told::new(reason, field));
        }
        read
    }

    /// Out of its own column, or the next in the cell of the first; what is left then is told.
    fn second_phone(&mut self, region: Option<Region>) -> Option<String> {
        let cell = self.value(Field::Phone).unwrap_or_default();
        let mut others = Phone::others(cell, region).into_iter();
        let second = match self.value(Field::SecondPhone) {
            Some(text) => self.own_second_phone(text, region),
            None => others.next(),
        };
        if others.any(|other| second.as_ref() != Some(&other)) {
            self.warnings.push(Told::new(Reason::PhonesLeftOut, Field::Phone));
        }
        second.map(|phone| phone.as_str().to_owned())
    }

    fn own_second_phone(&mut self, text: &str, region: Option<Region>) -> Option<Phone> {
        let told = Told::new(Reason::SecondPhoneInvalid, Field::SecondPhone);
        match Phone::parse(text, region) {
            Ok(phone) => Some(phone),
            Err(_) => match phone_slip::propose(text, region) {
                Some(proposal) if self.plan.corrections.contains(&proposal.slip) => Some(proposal.phone),
                proposal => {
                    self.warnings.push(Told { proposal, ..told });
                    None
                }
            },
        }
    }
}

/// Why a text is no phone, as far as that is certain.
fn why_no_phone(text: &str, region: Option<Region>) -> Reason {
    match phone_fault::fault(text, region) {
        Some(Fault::TooShort) => Reason::PhoneTooShort,
        Some(Fault::TooLong) => Reason::PhoneTooLong,
        Some(Fault::Letters) => Reason::PhoneLetters,
        Some(Fault::Rounded) => Reason::PhoneRounded,
        None => Reason::PhoneInvalid,
    }
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A column's name as a template can write it: `Días de mora` → `dias_de_mora`, `30 días` → `_30_dias`.
fn variable(name: &str) -> String {
    let name = words(name).replace(' ', "_");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// Whether a spreadsheet shows the text where a formula has failed, in whatever language: `#N/A`, `#¡DIV/0!`, `#NOME?`.
fn is_error(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else { return false };
    let shouted = |letter: char| letter.is_uppercase() || letter.is_ascii_digit() || "/!?¡¿".contains(letter);
    (name.ends_with(['!', '?']) || matches!(name, "N/A" | "N/D")) && name.chars().all(shouted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_formulas_are_told_from_names() {
        for text in ["#N/A", "#N/D", "#¡DIV/0!", "#REF!", "#¿NOMBRE?", "#NOME?"] {
            assert!(is_error(text), "{text}");
        }
        for text in ["#1", "# 12-34", "#vip", "#VIP", "#VENDIDO YA!", "N/A", ""] {
            assert!(!is_error(text), "{text}");
        }
    }
}
