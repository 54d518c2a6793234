//! What debtors owe through the API: debts by hand, by import, in exports.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use super::imports::upload;
use crate::support::app::{Client, TestApp};

async fn ana(client: &Client) -> i64 {
    let body = json!({
        "phone": "+573001234567", "name": "Ana", "reference": "CR-1",
        "amount": { "minor": 150_000, "currency": "COP" }, "due_date": "2026-12-15",
    });
    client.post("/api/debtors", body).await.ok()["id"].as_i64().unwrap()
}

fn references(debtor: &Value) -> Vec<&str> {
    debtor["debts"].as_array().unwrap().iter().map(|debt| debt["reference"].as_str().unwrap_or("-")).collect()
}

#[tokio::test]
async fn debts_are_added_changed_and_deleted_by_supervisors() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let id = ana(&client).await;
    let (debtor, debts) = (format!("/api/debtors/{id}"), format!("/api/debtors/{id}/debts"));
    let body =
        json!({ "reference": " TC-9 ", "amount": { "minor": 50_000, "currency": "cop" }, "due_date": "2020-01-31" });
    let added = client.post(&debts, body.clone()).await.ok();
    assert_eq!((&added["reference"], &added["import"]), (&json!("TC-9"), &json!(null)));
    assert!(added["days_overdue"].as_u64().unwrap() > 365);
    let read = client.get(&debtor).await.ok();
    assert_eq!(references(&read), ["TC-9", "CR-1"]);
    assert_eq!((&read["amount"]["minor"], &read["debt_count"]), (&json!(200_000), &json!(2)));
    assert_eq!((&read["reference"], &read["due_date"]), (&json!("TC-9"), &json!("2020-01-31")));
    assert_eq!(
        client.get("/api/debtors?search=cr-1&amount_from=200000&amount_until=200000&currency=COP").await.ok()["total"],
        1
    );

    client.post(&debts, body).await.is_problem(409, "reference_taken");
    client.post(&debts, json!({ "reference": "  " })).await.is_invalid(&[("/reference", "required")]);
    let bad = json!({ "reference": "x".repeat(501), "amount": { "minor": -1, "currency": "COP" } });
    client.post(&debts, bad).await.is_invalid(&[("/reference", "too_long"), ("/amount/minor", "invalid")]);
    client.post("/api/debtors/99/debts", json!({ "reference": "a" })).await.is_problem(404, "not_found");
    client.patch(&debtor, json!({ "amount": null })).await.is_problem(409, "several_debts");
    client.patch(&debtor, json!({ "name": "Ana María" })).await.ok();

    let debt = format!("/api/debts/{}", added["id"]);
    let changed = client.patch(&debt, json!({ "reference": null, "due_date": null })).await.ok();
    assert_eq!((&changed["reference"], &changed["amount"]["minor"]), (&json!(null), &json!(50_000)));
    assert_eq!((&changed["due_date"], &changed["days_overdue"]), (&json!(null), &json!(null)));
    client.patch(&debt, json!({ "amount": null })).await.is_invalid(&[("/reference", "required")]);
    client.patch(&debt, json!({ "reference": "CR-1" })).await.is_problem(409, "reference_taken");
    assert_eq!(client.delete(&debt).await.status, 204);
    client.delete(&debt).await.is_problem(404, "not_found");
    client.patch(&debt, json!({})).await.is_problem(404, "not_found");
    assert_eq!(references(&client.get(&debtor).await.ok()), ["CR-1"]);

    let agent = app.signed_in(Role::Agent).await;
    assert_eq!(references(&agent.get(&debtor).await.ok()), ["CR-1"]);
    let trail = app.store.audit_trail(&whatsmassive::store::Page { limit: 50, cursor: None }).await.unwrap().items;
    let actions: Vec<&str> =
        trail.iter().filter(|row| row.action.starts_with("debt.")).map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["debt.remove", "debt.change", "debt.add"]);
    assert!(
        trail.iter().filter(|row| row.action.starts_with("debt.")).all(|row| row.subject == format!("debtor:{id}"))
    );
}

/// A name, a phone, a reference, an amount and a due date.
fn plan(update: bool) -> Value {
    let fields = ["name", "phone", "reference", "amount", "due_date"];
    let mapping: Vec<Value> =
        fields.iter().enumerate().map(|(index, field)| json!({ "index": index, "field": field })).collect();
    json!({ "mapping": mapping, "country": "CO", "currency": "COP", "date_order": "dmy", "update_existing": update })
}

const FILE: &str = "Nombre;Celular;Contrato;Saldo;Vencimiento\n\
    Ana;3001234567;TC-9;480.000;01/10/2026\n\
    José;3001234568;CR-2;250.000;30/11/2026\n\
    José;3001234568;CR-3;90.000;31/12/2026\n\
    José;300 123 4568;CR-2;1;31/12/2026\n\
    Ana;3001234567;CR-1;1.500;15/12/2026\n";

#[tokio::test]
async fn an_import_adds_debts_says_so_and_takes_them_back() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let id = ana(&client).await;
    let import = upload(&client, "file", "cartera.csv", FILE.into()).await.ok();
    let path = format!("/api/debtors/imports/{}", import["id"]);
    let forecast = client.post(&format!("{path}/forecast"), plan(true)).await.ok();
    assert_eq!(
        (&forecast["good"], &forecast["debts_added"], &forecast["duplicates"]),
        (&json!(4), &json!(2), &json!(1))
    );
    let known = ["inserted", "updated", "unchanged", "differing"].map(|name| forecast[name].as_u64().unwrap());
    assert_eq!(known, [1, 0, 1, 0], "as the report will say");
    let report = client.post(&format!("{path}/commit"), plan(true)).await.ok()["report"].clone();
    let counts = ["inserted", "updated", "debts_added", "unchanged", "duplicates", "rejected"];
    assert_eq!(counts.map(|name| report[name].as_u64().unwrap()), [1, 0, 2, 1, 1, 0], "each row is one of them");
    let read = client.get(&format!("/api/debtors/{id}")).await.ok();
    assert_eq!(references(&read), ["TC-9", "CR-1"]);
    let by: Vec<&Value> = read["debts"].as_array().unwrap().iter().map(|debt| &debt["import"]).collect();
    assert_eq!((&by[0]["name"], by[1]), (&json!("cartera.csv"), &json!(null)));
    assert_eq!(client.get("/api/debtors/imports").await.ok()["items"][0]["counts"]["debts_added"], 2);

    let body =
        json!({ "name": "Aviso", "body": "{{ first_name }}: {{ debts_count }} = {{ debts_total }}\n{{ debts_list }}" });
    let template = client.post("/api/templates", body).await.ok();
    let preview =
        client.post(&format!("/api/templates/{}/preview", template["id"]), json!({ "debtor_id": id })).await.ok();
    let text = "Ana: 2 = $ 481.500\nTC-9 · $ 480.000 · 01/10/2026\nCR-1 · $ 1.500 · 15/12/2026";
    assert_eq!(preview["text"], text);
    let audience = json!({ "template_id": template["id"], "audience": { "tags": [] } });
    let recipients = client.post("/api/campaigns/preview", audience).await.ok()["recipients"].clone();
    assert!(recipients.as_array().unwrap().iter().any(|recipient| recipient["text"] == text), "{recipients}");

    client.post(&format!("{path}/undo"), json!({})).await.ok();
    assert_eq!(references(&client.get(&format!("/api/debtors/{id}")).await.ok()), ["CR-1"]);
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 1);
}

#[tokio::test]
async fn what_was_exported_is_imported_again_without_a_change() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    ana(&client).await;
    let import = upload(&client, "file", "cartera.csv", FILE.into()).await.ok();
    client.post(&format!("/api/debtors/imports/{}/commit", import["id"]), plan(true)).await.ok();
    let text = client.text("/api/debtors/export.csv").await;
    assert_eq!(text.trim_end().lines().count(), 1 + 4, "a row for each debt: {text}");
    let import = upload(&client, "file", "otra-vez.csv", text.into_bytes()).await.ok();
    let mapping: Vec<Value> = import["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| json!({ "index": column["index"], "field": column["detected"].as_str().unwrap_or("ignore") }))
        .collect();
    let mut plan = plan(true);
    plan["mapping"] = json!(mapping);
    plan["date_order"] = json!("ymd");
    let report =
        client.post(&format!("/api/debtors/imports/{}/commit", import["id"]), plan).await.ok()["report"].clone();
    assert_eq!(
        (&report["unchanged"], &report["duplicates"], &report["rejected"]),
        (&json!(4), &json!(0), &json!(0)),
        "{report}"
    );
}
