//! Filters of debtors as clients say them: flat, so that the same words stand in an address, in a segment and in what is done to many.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Checks, NAME_LIMIT},
    problem::Problem,
};
use crate::domain::{
    debtor_filter::{Bounds, DebtorFilter, FieldValue},
    money::Currency,
};

/// The longest value that is sought, in characters.
const VALUE_LIMIT: usize = 500;
/// Tags or statuses of one filter.
const LIST_LIMIT: usize = 50;

/// Which debtors: those of whom all of this is true.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(as = DebtorFilter)]
pub(super) struct FilterView {
    /// Beginnings of words of the name, the reference, or the phone with or without its country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    /// Any of these tags; commas stand between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// Any of these statuses; commas stand between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The import that added or changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    import_id: Option<i64>,
    /// The ISO 4217 code of what they owe.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// They owe this much or more, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_from: Option<i64>,
    /// They owe this much or less, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_until: Option<i64>,
    /// Due for so many days or more; below zero is not due yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue_from: Option<i64>,
    /// Due for so many days or fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue_until: Option<i64>,
    /// The name of a further field that has to have the `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The value of the `field`, as it was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Whether a message was ever tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacted: Option<bool>,
    /// The last message went to them on that day (UTC) or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacted_from: Option<NaiveDate>,
    /// The last message went to them on that day (UTC) or before.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacted_until: Option<NaiveDate>,
    /// Whether they have ever written to one of our numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    replied: Option<bool>,
}

impl FilterView {
    pub fn check(&self) -> Result<DebtorFilter, Problem> {
        let mut checks = Checks::default();
        let filter = self.read(&mut checks, "");
        checks.finish()?;
        Ok(filter)
    }

    /// The filter; what is wrong with it is noted, below `pointer`.
    pub fn read(&self, checks: &mut Checks, pointer: &str) -> DebtorFilter {
        let at = |name: &str| format!("{pointer}/{name}");
        let filled =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let statuses = parts(self.status.as_deref()).into_iter();
        let statuses = statuses.filter_map(|text| checks.keep(&at("status"), "unknown", text.parse())).collect();
        let tags = parts(self.tag.as_deref()).into_iter().map(|tag| tag.to_lowercase()).collect::<Vec<_>>();
        if tags.len() > LIST_LIMIT {
            checks.reject(at("tag"), "too_long", LIST_LIMIT);
        }
        let currency = filled(&self.currency)
            .and_then(|text| checks.keep(&at("currency"), "invalid_currency", text.parse::<Currency>()));
        let field = match (filled(&self.field), filled(&self.value)) {
            (None, None) => None,
            (Some(name), Some(value)) => Some(FieldValue { name, value }),
            (name, _) => {
                checks.reject(at(if name.is_some() { "value" } else { "field" }), "required", "");
                None
            }
        };
        for (name, text, limit) in [
            ("search", &self.search, VALUE_LIMIT),
            ("value", &self.value, VALUE_LIMIT),
            ("field", &self.field, NAME_LIMIT),
        ] {
            if text.as_deref().is_some_and(|text| text.chars().count() > limit) {
                checks.reject(at(name), "too_long", limit);
            }
        }
        let filter = DebtorFilter {
            search: filled(&self.search),
            tags,
            statuses,
            import: self.import_id,
            currency: currency.map(|currency| currency.as_str().to_owned()),
            amount: Bounds { from: self.amount_from, until: self.amount_until },
            overdue: Bounds { from: self.overdue_from, until: self.overdue_until },
            field,
            contacted: self.contacted,
            last_contact: Bounds { from: self.contacted_from, until: self.contacted_until },
            replied: self.replied,
        };
        let reversed = [
            ("amount_until", filter.amount.is_reversed()),
            ("overdue_until", filter.overdue.is_reversed()),
            ("contacted_until", filter.last_contact.is_reversed()),
        ];
        for (name, _) in reversed.into_iter().filter(|(_, reversed)| *reversed) {
            checks.reject(at(name), "reversed", "");
        }
        filter
    }
}

/// What stands between commas.
fn parts(text: Option<&str>) -> Vec<&str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

impl From<&DebtorFilter> for FilterView {
    fn from(filter: &DebtorFilter) -> Self {
        let joined = |parts: Vec<&str>| (!parts.is_empty()).then(|| parts.join(","));
        Self {
            search: filter.search.clone(),
            tag: joined(filter.tags.iter().map(String::as_str).collect()),
            status: joined(filter.statuses.iter().map(|status| status.as_str()).collect()),
            import_id: filter.import,
            currency: filter.currency.clone(),
            amount_from: filter.amount.from,
            amount_until: filter.amount.until,
            overdue_from: filter.overdue.from,
            overdue_until: filter.overdue.until,
            field: filter.field.as_ref().map(|field| field.name.clone()),
            value: filter.field.as_ref().map(|field| field.value.clone()),
            contacted: filter.contacted,
            contacted_from: filter.last_contact.from,
            contacted_until: filter.last_contact.until,
            replied: filter.replied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(json: serde_json::Value) -> FilterView {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_filter_is_shown_as_it_was_said() {
        let said = view(serde_json::json!({
            "search": "ana", "tag": "mora,vip", "status": "active,paid", "import_id": 3, "currency": "COP", "amount_from": 100,
            "overdue_until": 30, "field": "city", "value": "Cali", "contacted": true, "contacted_from": "2026-01-31", "replied": false,
        }));
        let filter = said.check().unwrap();
        assert_eq!(filter.tags, ["mora", "vip"]);
        assert_eq!(FilterView::from(&filter), said);
        assert!(view(serde_json::json!({ "search": " ", "tag": " , " })).check().unwrap().is_open());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (said, pointer) in [
            (serde_json::json!({ "status": "nobody" }), "/status"),
            (serde_json::json!({ "currency": "pesos" }), "/currency"),
            (serde_json::json!({ "amount_from": 2, "amount_until": 1 }), "/amount_until"),
            (serde_json::json!({ "field": "city" }), "/value"),
            (serde_json::json!({ "value": "Cali" }), "/field"),
            (serde_json::json!({ "search": "x".repeat(501) }), "/search"),
        ] {
            let problem = view(said).check().unwrap_err().view(super::super::language::Language::En);
            let problem = serde_json::to_value(problem).unwrap();
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
    }
}
