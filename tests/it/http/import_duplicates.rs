//! Rows of debtors who are known, through the API: seen before they are stored, and decided on one by one.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use super::imports::upload;
use crate::support::app::{Client, TestApp};

const FIRST: &str =
    "Nombre;Celular;Contrato;Saldo;Ciudad\nAna;3001234567;TC-1;480.000;Cali\nLuis;3001234568;TC-2;1;Cali\n";
const SECOND: &str = "Nombre;Celular;Contrato;Saldo;Ciudad\nAna Ruiz;3001234567;TC-1;500.000;Cali\n\
    Luis;3001234568;TC-2;1;Bogotá\nEva;3001234569;TC-3;1;Cali\nLuis;3001234568;TC-9;1;Bogotá\n";

fn plan() -> Value {
    let fields = ["name", "phone", "reference", "amount", "custom"].into_iter().enumerate();
    let column =
        |(index, field)| json!({ "index": index, "field": field, "variable": (field == "custom").then_some("city") });
    json!({ "mapping": fields.map(column).collect::<Vec<_>>(), "country": "CO", "currency": "COP", "date_order": "dmy" })
}

async fn uploaded(client: &Client, text: &str) -> String {
    let import = upload(client, "file", "cartera.csv", text.into()).await.ok();
    format!("/api/debtors/imports/{}", import["id"])
}

async fn store(client: &Client, text: &str, plan: Value) -> Value {
    let path = uploaded(client, text).await;
    client.post(&format!("{path}/commit"), plan).await.ok()["report"].clone()
}

fn numbers<const N: usize>(of: &Value, names: [&str; N]) -> [u64; N] {
    names.map(|name| of[name].as_u64().unwrap_or_else(|| panic!("{name}: {of}")))
}

#[tokio::test]
async fn what_would_change_is_shown_and_decided_on_row_by_row() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    store(&client, FIRST, plan()).await;
    let path = uploaded(&client, SECOND).await;
    let forecast = client.post(&format!("{path}/forecast?whole=true"), plan()).await.ok();
    let names = ["good", "inserted", "updated", "debts_added", "unchanged", "differing"];
    assert_eq!(numbers(&forecast, names), [4, 1, 2, 1, 0, 2]);
    let [ana, luis] = forecast["differences"].as_array().unwrap().as_slice() else { panic!("{forecast}") };
    assert_eq!((&ana["row"], &ana["name"], &ana["phone"]), (&json!(2), &json!("Ana"), &json!("+573001234567")));
    let told = |row: &Value| -> Vec<String> {
        let change =
            |change: &Value| format!("{} {} {} {}", change["what"], change["of"], change["before"], change["after"]);
        row["changes"].as_array().unwrap().iter().map(change).collect()
    };
    assert_eq!(told(ana)[0], r#""name" null "Ana" "Ana Ruiz""#);
    assert!(told(ana)[1].starts_with(r#""amount" "TC-1" "#), "{ana}");
    assert_eq!(told(luis), [r#""custom" "city" "Cali" "Bogotá""#]);
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 2, "nothing is stored");

    let mut decided = plan();
    decided["except_rows"] = json!([2]);
    decided["seen_at"] = forecast["seen_at"].clone();
    decided["ask"] = json!(true);
    let report = client.post(&format!("{path}/commit"), decided).await.ok()["report"].clone();
    let names = ["inserted", "updated", "debts_added", "unchanged", "changed_meanwhile"];
    assert_eq!(numbers(&report, names), [1, 1, 1, 1, 0]);
    let found = client.get("/api/debtors?search=ana").await.ok();
    assert_eq!(found["items"][0]["name"], "Ana", "this row was not to change her");

    // The next file of the shape asks again, but of its own rows.
    let import = upload(&client, "file", "diciembre.csv", SECOND.into()).await.ok();
    let suggested = &import["suggestion"]["plan"];
    assert_eq!(
        (&suggested["ask"], &suggested["except_rows"], &suggested["seen_at"]),
        (&json!(true), &json!([]), &json!(null))
    );
}

#[tokio::test]
async fn whom_somebody_changes_after_the_decision_is_left_and_told() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    store(&client, FIRST, plan()).await;
    let path = uploaded(&client, SECOND).await;
    let seen_at = client.post(&format!("{path}/forecast"), plan()).await.ok()["seen_at"].clone();
    let found = client.get("/api/debtors?search=ana").await.ok()["items"][0]["id"].clone();
    client.patch(&format!("/api/debtors/{found}"), json!({ "name": "Ana María" })).await.ok();
    let mut decided = plan();
    decided["seen_at"] = seen_at;
    let report = client.post(&format!("{path}/commit"), decided).await.ok()["report"].clone();
    assert_eq!(numbers(&report, ["updated", "unchanged", "changed_meanwhile"]), [1, 1, 1]);
    assert_eq!(report["changed_rows"], json!([2]));
    assert_eq!(client.get(&format!("/api/debtors/{found}")).await.ok()["name"], "Ana María");
}

#[tokio::test]
async fn more_rows_than_anybody_decides_on_are_refused() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let path = uploaded(&client, FIRST).await;
    let mut many = plan();
    many["except_rows"] = json!((1..=1_001).collect::<Vec<u64>>());
    client.post(&format!("{path}/commit"), many).await.is_invalid(&[("/except_rows", "out_of_range")]);
}
