//! What clients say of debtors, and the checks it goes through.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    enums::DebtorStatus,
    extract::{Checks, NAME_LIMIT, present},
    problem::Problem,
};
use crate::{
    domain::{debt::Debt, debtor::DebtorDetails, money::Money, phone::Phone},
    store::DebtorPatch,
};

/// The longest reference, tag or further field, in characters.
const FIELD_LIMIT: usize = 500;

/// A debtor to add, with a debt if reference, amount or due date say something of one.
#[derive(Deserialize, ToSchema)]
pub(super) struct DebtorIn {
    /// With the country code, for example +57 300 123 4567.
    phone: String,
    /// Up to 100 characters.
    name: String,
    reference: Option<String>,
    amount: Option<AmountIn>,
    due_date: Option<NaiveDate>,
    tags: Option<Vec<String>>,
    /// Further values by variable name.
    fields: Option<BTreeMap<String, String>>,
    /// `active` if absent.
    pub(super) status: Option<DebtorStatus>,
}

/// An amount of money.
#[derive(Deserialize, ToSchema)]
pub(super) struct AmountIn {
    /// In the currency's smallest unit, for example cents; not negative.
    #[schema(minimum = 0)]
    minor: i64,
    /// The ISO 4217 code.
    currency: String,
}

/// What to change of a debtor; null empties a field. Reference, amount and due date are those of their debt; one who has several is
/// refused, since nobody knows which of them is meant.
#[derive(Deserialize, ToSchema)]
pub(super) struct DebtorPatchIn {
    phone: Option<String>,
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    reference: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<AmountIn>)]
    amount: Option<Option<AmountIn>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<NaiveDate>)]
    due_date: Option<Option<NaiveDate>>,
    tags: Option<Vec<String>>,
    fields: Option<BTreeMap<String, String>>,
    status: Option<DebtorStatus>,
    /// Why a legal stop ends: needed where `status` changes from `opted_out`, `disputed`, `attorney_represented`, `cease_and_desist` or
    /// `deceased`.
    pub(super) reason: Option<String>,
}

impl DebtorIn {
    pub(super) fn check(self) -> Result<DebtorDetails, Problem> {
        let mut checks = Checks::default();
        let phone = phone(&mut checks, &self.phone);
        let name = checks.name(&self.name);
        let amount = self.amount.and_then(|amount| money(&mut checks, &amount));
        let reference = self.reference.and_then(|text| optional(&mut checks, "/reference", &text));
        let tags = tags(&mut checks, &self.tags.unwrap_or_default());
        let fields = fields(&mut checks, self.fields.unwrap_or_default());
        let (Some(phone), Some(name)) = (phone, name) else {
            return Err(checks.into_problem());
        };
        checks.finish()?;
        let debt = Debt { reference, amount, due_date: self.due_date };
        Ok(DebtorDetails { phone, name, debts: debt.into(), tags, fields })
    }
}

impl DebtorPatchIn {
    pub(super) fn check(self) -> Result<DebtorPatch, Problem> {
        let mut checks = Checks::default();
        let patch = DebtorPatch {
            phone: self.phone.and_then(|text| phone(&mut checks, &text)),
            name: self.name.and_then(|text| checks.name(&text)),
            reference: self.reference.map(|text| text.and_then(|text| optional(&mut checks, "/reference", &text))),
            debt: self.amount.map(|amount| amount.and_then(|amount| money(&mut checks, &amount))),
            due_date: self.due_date,
            tags: self.tags.map(|list| tags(&mut checks, &list)),
            fields: self.fields.map(|map| fields(&mut checks, map)),
            status: self.status.map(Into::into),
            reasoned: false,
        };
        checks.finish()?;
        Ok(patch)
    }
}

/// The phone at `/phone`, with its country code.
pub(super) fn phone(checks: &mut Checks, text: &str) -> Option<Phone> {
    if text.trim().is_empty() {
        checks.reject("/phone", "required", "");
        return None;
    }
    checks.keep("/phone", "invalid_phone", Phone::parse(text, None))
}

pub(super) fn money(checks: &mut Checks, amount: &AmountIn) -> Option<Money> {
    if amount.minor < 0 {
        checks.reject("/amount/minor", "invalid", "");
        return None;
    }
    let currency = checks.keep("/amount/currency", "invalid_currency", amount.currency.parse())?;
    Some(Money { minor: amount.minor, currency })
}

/// A text that may be empty, which is none.
pub(super) fn optional(checks: &mut Checks, pointer: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() { None } else { checks.text(pointer, text, FIELD_LIMIT) }
}

/// Tags in lower case, once each. A comma stands between two, as it does in filters.
fn tags(checks: &mut Checks, list: &[String]) -> BTreeSet<String> {
    let texts = list.iter().enumerate().flat_map(|(index, text)| text.split(',').map(move |tag| (index, tag)));
    texts.filter_map(|(index, text)| tag(checks, &format!("/tags/{index}"), text)).collect()
}

/// One tag, in lower case.
pub(super) fn tag(checks: &mut Checks, pointer: &str, text: &str) -> Option<String> {
    checks.text(pointer, text, NAME_LIMIT).map(|tag| tag.to_lowercase())
}

fn fields(checks: &mut Checks, map: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for (name, value) in &map {
        let pointer = || format!("/fields/{}", name.replace('~', "~0").replace('/', "~1"));
        if name.trim().is_empty() || name.chars().count() > NAME_LIMIT {
            checks.reject(pointer(), "invalid", "");
        } else if value.chars().count() > FIELD_LIMIT {
            checks.reject(pointer(), "too_long", FIELD_LIMIT);
        }
    }
    map
}
