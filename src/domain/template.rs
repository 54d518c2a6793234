//! A template: a message text with variables, in the notation of Jinja: `Hola {{ name }}`.
//!
//! Rendering is bounded in work and length, reads no file, and fails on a variable that the debtor lacks: a message with a hole in it
//! is never sent. `{{ reference | default("sin referencia") }}` says what to write instead.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use super::{debtor::DebtorDetails, id::TemplateId, money::Money, phone::Phone};

/// The longest text that WhatsApp shows unfolded, and the longest we send, in characters.
pub const MAX_LENGTH: usize = 4096;
/// Variables that every debtor may have; further columns of the spreadsheet come on top.
pub const VARIABLES: &[&str] = &["name", "first_name", "phone", "reference", "amount", "currency", "due_date"];
/// Steps a text may take to render; a real one takes a few dozen.
const FUEL: u64 = 20_000;
const NAME: &str = "message";

/// A template as stored; its body has been checked to parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    /// Unique, chosen by a person.
    pub name: String,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A body that is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TemplateError {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// Why a template gives no text for a debtor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The debtor has no such variable.
    #[error("the debtor has no {0}")]
    Missing(String),
    /// Nothing is left to send.
    #[error("the text is empty")]
    Empty,
    /// It is longer than [`MAX_LENGTH`].
    #[error("the text is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// It takes too much work, or does what cannot be done.
    #[error("{0}")]
    Broken(String),
}

impl RenderError {
    /// A stable code for the ledger.
    pub fn code(&self) -> String {
        match self {
            Self::Missing(name) => format!("template_variable_missing: {name}"),
            Self::Empty => "template_empty".to_owned(),
            Self::TooLong => "template_too_long".to_owned(),
            Self::Broken(_) => "template_broken".to_owned(),
        }
    }
}

/// A body that parses.
#[derive(Debug)]
pub struct CompiledTemplate(Environment<'static>);

/// Checks a body.
pub fn compile(body: &str) -> Result<CompiledTemplate, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_template_owned(NAME, body.to_owned()).map_err(|error| TemplateError {
        line: error.line().unwrap_or(1),
        message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })?;
    Ok(CompiledTemplate(environment))
}

impl CompiledTemplate {
    /// The variables it uses.
    pub fn variables(&self) -> BTreeSet<String> {
        self.0.get_template(NAME).map(|text| text.undeclared_variables(false).into_iter().collect()).unwrap_or_default()
    }

    /// The text for one debtor.
    pub fn render(&self, debtor: &DebtorDetails) -> Result<String, RenderError> {
        let values = values(debtor);
        let text = self.0.get_template(NAME).map_err(|error| RenderError::Broken(error.to_string()))?;
        let rendered = text
            .render(Value::from_pairs(values.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
            .map_err(|error| {
                let missing = self.variables().into_iter().find(|name| !values.contains_key(name));
                match (error.kind(), missing) {
                    (ErrorKind::UndefinedError, Some(name)) => RenderError::Missing(name),
                    _ => RenderError::Broken(error.to_string()),
                }
            })?;
        let rendered = rendered.trim();
        if rendered.is_empty() {
            return Err(RenderError::Empty);
        }
        if rendered.chars().count() > MAX_LENGTH {
            return Err(RenderError::TooLong);
        }
        Ok(rendered.to_owned())
    }
}

/// What a template can say of a debtor; what they lack is not there.
fn values(debtor: &DebtorDetails) -> BTreeMap<String, String> {
    let first_name = debtor.name.split_whitespace().next().map(str::to_owned);
    let known = [
        ("name", Some(debtor.name.clone())),
        ("first_name", first_name),
        ("phone", Some(debtor.phone.as_str().to_owned())),
        ("reference", debtor.reference.clone()),
        ("amount", debtor.debt.map(|debt| debt.format_local())),
        ("currency", debtor.debt.map(|debt| debt.currency.as_str().to_owned())),
        ("due_date", debtor.due_date.map(|date| date.format("%d/%m/%Y").to_string())),
    ];
    let mut values = debtor.fields.clone();
    values.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    values
}

/// Somebody who does not exist, to show what a template looks like. The phone is from a range that no plan gives out.
pub fn sample_debtor() -> DebtorDetails {
    let currency = "COP".parse().ok();
    DebtorDetails {
        phone: Phone::sample(),
        name: "María Fernanda Gómez".to_owned(),
        reference: Some("CR-20871".to_owned()),
        debt: currency.map(|currency| Money { minor: 152_000_000, currency }),
        due_date: NaiveDate::from_ymd_opt(2026, 12, 15),
        tags: BTreeSet::new(),
        fields: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(body: &str) -> Result<String, RenderError> {
        compile(body).unwrap().render(&sample_debtor())
    }

    #[test]
    fn variables_are_filled_in() {
        let body = "Hola {{ first_name }}: {{ amount }} ({{ currency }}) al {{ due_date }}, {{ reference }}";
        assert_eq!(text(body).unwrap(), "Hola María: $ 1.520.000 (COP) al 15/12/2026, CR-20871");
        assert_eq!(text("{{ name }} & <b>").unwrap(), "María Fernanda Gómez & <b>");
    }

    #[test]
    fn a_missing_variable_is_named_unless_there_is_something_to_say_instead() {
        assert_eq!(text("Hola {{ city }}"), Err(RenderError::Missing("city".to_owned())));
        assert_eq!(text("Hola {{ city | default('vecino') }}").unwrap(), "Hola vecino");
        assert_eq!(text("{% if city is defined %}x{% endif %}ok").unwrap(), "ok");
    }

    #[test]
    fn a_broken_body_is_told_with_its_line() {
        let error = compile("Hola\n{{ name }").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(compile("{% include 'etc' %}").unwrap().render(&sample_debtor()).is_err());
    }

    #[test]
    fn work_and_length_are_bounded() {
        assert!(matches!(text("{% for i in range(99999999) %}x{% endfor %}"), Err(RenderError::Broken(_))));
        assert_eq!(text(&"x".repeat(MAX_LENGTH + 1)), Err(RenderError::TooLong));
        assert_eq!(text("  "), Err(RenderError::Empty));
    }

    #[test]
    fn variables_are_listed() {
        let names = compile("{{ name }} {{ city | default('x') }}").unwrap().variables();
        assert_eq!(names, ["city".to_owned(), "name".to_owned()].into());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in ".{0,200}") {
            if let Ok(compiled) = compile(&body) {
                let _text = compiled.render(&sample_debtor());
            }
        }
    }
}
