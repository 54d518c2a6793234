//! A template: a message text with variables, in the notation of Jinja: `Hola {{ name }}`.
//!
//! Rendering is bounded in work, memory and length, reads no file, and fails on a variable that the debtor lacks: a message with a
//! hole in it is never sent. `{{ reference | default("sin referencia") }}` says what to write instead.

mod grammar;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, filters, machinery, value::Object};

use super::{
    debtor::DebtorDetails,
    id::TemplateId,
    media::{CAPTION_LIMIT, Media},
    money::Money,
    phone::Phone,
};

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
    /// Empty only beside a file.
    pub body: String,
    /// The file that goes with it.
    pub media: Option<Media>,
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
    /// It is longer than [`MAX_LENGTH`], or than [`CAPTION_LIMIT`] beside a file.
    #[error("the text is longer than {MAX_LENGTH} characters, or than {CAPTION_LIMIT} beside a file")]
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

/// Checks a body: it parses, and [says nothing that is not allowed](grammar).
pub fn compile(body: &str) -> Result<CompiledTemplate, TemplateError> {
    let told = |error: minijinja::Error| TemplateError {
        line: error.line().unwrap_or(1),
        message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    };
    let parsed = machinery::parse(body, NAME, minijinja::syntax::SyntaxConfig::default()).map_err(told)?;
    grammar::check(&parsed).map_err(|forbidden| TemplateError { line: forbidden.line, message: forbidden.message })?;
    let mut environment = environment();
    environment.add_template_owned(NAME, body.to_owned()).map_err(told)?;
    Ok(CompiledTemplate(environment))
}

/// Nothing but what the grammar names.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let [default, upper, lower, title, capitalize, trim] = grammar::FILTERS;
    environment.add_filter(default, filters::default);
    environment.add_filter(upper, filters::upper);
    environment.add_filter(lower, filters::lower);
    environment.add_filter(title, filters::title);
    environment.add_filter(capitalize, filters::capitalize);
    environment.add_filter(trim, filters::trim);
    let [defined, undefined] = grammar::TESTS;
    environment.add_test(defined, minijinja::tests::is_defined);
    environment.add_test(undefined, minijinja::tests::is_undefined);
    environment
}

/// A debtor's values; it remembers the last name that was looked up in vain.
#[derive(Debug)]
struct Variables {
    values: BTreeMap<String, String>,
    missed: Mutex<Option<String>>,
}

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let value = self.values.get(name).map(|value| Value::from(value.as_str()));
        if value.is_none() {
            *self.missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
        }
        value
    }
}

impl CompiledTemplate {
    /// The variables it uses.
    pub fn variables(&self) -> BTreeSet<String> {
        self.0.get_template(NAME).map(|text| text.undeclared_variables(false).into_iter().collect()).unwrap_or_default()
    }

    /// The text for one debtor.
    pub fn render(&self, debtor: &DebtorDetails) -> Result<String, RenderError> {
        self.render_beside(false, debtor)
    }

    /// The text for a debtor; beside a file it may be empty, and is shorter at the most.
    ///
    /// # Errors
    /// As those of [`render`](Self::render).
    pub fn render_beside(&self, file: bool, debtor: &DebtorDetails) -> Result<String, RenderError> {
        let variables = Arc::new(Variables { values: values(debtor), missed: Mutex::new(None) });
        let text = self.0.get_template(NAME).map_err(|error| RenderError::Broken(error.to_string()))?;
        let rendered = text.render(Value::from_dyn_object(variables.clone())).map_err(|error| {
            // An undefined value fails right after it was looked up, so the last name missed is the one to blame.
            let missed = variables.missed.lock().unwrap_or_else(PoisonError::into_inner).take();
            match (error.kind(), missed) {
                (ErrorKind::UndefinedError, Some(name)) => RenderError::Missing(name),
                _ => RenderError::Broken(error.to_string()),
            }
        })?;
        let rendered = rendered.trim();
        if rendered.is_empty() && !file {
            return Err(RenderError::Empty);
        }
        if rendered.chars().count() > if file { CAPTION_LIMIT } else { MAX_LENGTH } {
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
    }

    #[test]
    fn what_is_missing_is_named_and_not_what_has_a_default() {
        assert_eq!(text("{{ a | default('') }}{{ city }}"), Err(RenderError::Missing("city".to_owned())));
        assert_eq!(text("{{ a | default(city) }}"), Err(RenderError::Missing("city".to_owned())));
    }

    #[test]
    fn only_variables_conditions_and_a_few_filters_are_allowed() {
        assert_eq!(text("{{ first_name | upper }} {{ 'x ' | trim }}").unwrap(), "MARÍA x");
        assert_eq!(
            text("{% if reference is defined and not city is defined %}{{ 'a' ~ 'b' }}{% endif %}").unwrap(),
            "ab"
        );
        let error = compile("Hola\n{{ name | uper }}").unwrap_err();
        assert_eq!((error.line, error.message.starts_with("there is no filter uper")), (2, true), "{error}");
        for body in [
            "{% include 'etc' %}",
            "{% for i in name %}x{% endfor %}",
            "{% set a = name %}{{ a }}",
            "{% with a = name %}{{ a }}{% endwith %}",
            "{% macro a() %}x{% endmacro %}",
            "{{ 'x' * 100000000 }}",
            "{{ 10 ** 10 }}",
            "{{ range(9) }}",
            "{{ name.upper() }}",
            "{{ name is odd }}",
            "{{ [name] }}",
            "{% if city is defined %}{{ name | replace('', 'x') }}{% endif %}",
        ] {
            assert!(compile(body).is_err(), "{body}");
        }
    }

    #[test]
    fn length_is_bounded() {
        assert_eq!(text(&"x".repeat(MAX_LENGTH + 1)), Err(RenderError::TooLong));
        assert_eq!(text("  "), Err(RenderError::Empty));
        let beside = |body: &str| compile(body).unwrap().render_beside(true, &sample_debtor());
        assert_eq!(beside(""), Ok(String::new()));
        assert_eq!(beside(&"x".repeat(CAPTION_LIMIT + 1)), Err(RenderError::TooLong));
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
