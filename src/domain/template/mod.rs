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
    debt::{Debt, Debts},
    debtor::DebtorDetails,
    id::TemplateId,
    media::{CAPTION_LIMIT, Media},
    money::Money,
    phone::Phone,
};

/// The longest text that WhatsApp shows unfolded, and the longest we send, in characters.
pub const MAX_LENGTH: usize = 4096;
/// Variables that every debtor may have; further columns of the spreadsheet come on top.
///
/// `reference`, `amount`, `currency` and `due_date` are of one debt, the oldest: a text that names an account with the sum of several would
/// claim what is not so. `debts_total` is there where [each amount is known](Debts::total), `debts_count` is a number, and `debts_list`
/// has a line for each debt, the oldest first.
pub const VARIABLES: &[&str] = &[
    "name",
    "first_name",
    "phone",
    "reference",
    "amount",
    "currency",
    "due_date",
    "debts_total",
    "debts_count",
    "debts_list",
];
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
    values: BTreeMap<String, Value>,
    missed: Mutex<Option<String>>,
}

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let value = self.values.get(name).cloned();
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
fn values(debtor: &DebtorDetails) -> BTreeMap<String, Value> {
    let oldest = debtor.debts.oldest();
    let amount = oldest.and_then(|debt| debt.amount);
    let known = [
        ("name", Some(debtor.name.as_str().into())),
        ("first_name", debtor.name.split_whitespace().next().map(Value::from)),
        ("phone", Some(debtor.phone.as_str().into())),
        ("reference", oldest.and_then(|debt| debt.reference.as_deref()).map(Value::from)),
        ("amount", amount.map(|amount| amount.format_local().into())),
        ("currency", amount.map(|amount| amount.currency.as_str().into())),
        ("due_date", oldest.and_then(|debt| debt.due_date).map(|date| written(date).into())),
        ("debts_total", debtor.debts.total().map(|total| total.format_local().into())),
        ("debts_count", Some(debtor.debts.len().into())),
        ("debts_list", (!debtor.debts.is_empty()).then(|| list(&debtor.debts).into())),
    ];
    let fields = debtor.fields.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    fields.chain(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))).collect()
}

fn written(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// A line for each debt, of what is known of it.
fn list(debts: &Debts) -> String {
    let line = |debt: &Debt| {
        let parts =
            [debt.reference.clone(), debt.amount.map(|amount| amount.format_local()), debt.due_date.map(written)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    debts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Somebody who does not exist, to show what a template looks like. The phone is from a range that no plan gives out.
pub fn sample_debtor() -> DebtorDetails {
    let currency = "COP".parse().ok();
    DebtorDetails {
        phone: Phone::sample(),
        name: "María Fernanda Gómez".to_owned(),
        debts: Debts::from(Debt {
            reference: Some("CR-20871".to_owned()),
            amount: currency.map(|currency| Money { minor: 152_000_000, currency }),
            due_date: NaiveDate::from_ymd_opt(2026, 12, 15),
        }),
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
    fn several_debts_have_a_sum_a_number_and_a_list_and_the_oldest_is_the_debt() {
        let mut debtor = sample_debtor();
        let cop = "COP".parse().unwrap();
        debtor.debts.set(Debt {
            reference: Some("TC-9".to_owned()),
            amount: Some(Money { minor: 48_000_000, currency: cop }),
            due_date: NaiveDate::from_ymd_opt(2026, 10, 1),
        });
        let text = |body: &str, debtor: &DebtorDetails| compile(body).unwrap().render(debtor);
        let body =
            "{{ reference }}: {{ amount }} {{ due_date }}\n{{ debts_count }} = {{ debts_total }}\n{{ debts_list }}";
        assert_eq!(
            text(body, &debtor).unwrap(),
            "TC-9: $ 480.000 01/10/2026\n2 = $ 2.000.000\nTC-9 · $ 480.000 · 01/10/2026\nCR-20871 · $ 1.520.000 · 15/12/2026"
        );
        let body = "{% if debts_count > 1 %}{{ debts_total }}{% else %}{{ amount }}{% endif %}";
        assert_eq!(text(body, &debtor).unwrap(), "$ 2.000.000");
        assert_eq!(text(body, &sample_debtor()).unwrap(), "$ 1.520.000");
        debtor.debts.set(Debt { reference: Some("V-1".to_owned()), ..Debt::default() });
        assert_eq!(text(body, &debtor), Err(RenderError::Missing("debts_total".to_owned())), "an amount is not known");
        assert!(text("{{ debts_list }}", &debtor).unwrap().ends_with("\nV-1"));
        debtor.debts = Debts::default();
        assert_eq!(text("{{ debts_count }}", &debtor).unwrap(), "0");
        assert_eq!(text("{{ debts_list }}", &debtor), Err(RenderError::Missing("debts_list".to_owned())));
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
            r#"{{ "a\x00b" }}"#,
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
