//! Many debtors at once through the API: bulk changes, segments, and files of all that match.

use serde_json::{Value, json};
use whatsmassive::domain::{audit::AuditEntry, clock::Clock, debtor::DebtorDetails, phone::Phone, user::Role};

use crate::support::app::{Client, TestApp};

async fn add(client: &Client, number: usize, more: Value) -> i64 {
    let mut body =
        json!({ "phone": format!("+573001234{number:03}"), "name": format!("Debtor {number}"), "tags": ["all"] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post("/api/debtors", body).await.ok()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn many_are_tagged_or_suppressed_or_get_a_status() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let ids = [add(&client, 1, json!({})).await, add(&client, 2, json!({})).await, add(&client, 3, json!({})).await];
    let bulk = async |body: Value| client.post("/api/debtors/bulk", body).await;
    let tag = json!({ "kind": "add_tag", "tag": " VIP " });
    let done = bulk(json!({ "ids": ids[..2], "action": tag })).await.ok();
    assert_eq!(done, json!({ "meant": 2, "changed": 2, "left_out": 0 }));
    let paid = json!({ "kind": "set_status", "status": "paid", "reason": null });
    let done = bulk(json!({ "filter": { "tag": "vip" }, "action": paid })).await.ok();
    assert_eq!(done, json!({ "meant": 2, "changed": 2, "left_out": 0 }));
    assert_eq!(client.get("/api/debtors?status=paid").await.ok()["total"], 2);
    let suppress = json!({ "kind": "suppress", "reason": "court order" });
    assert_eq!(bulk(json!({ "filter": {}, "action": suppress })).await.ok()["changed"], 3);
    assert_eq!(client.get("/api/suppressions").await.ok()["items"].as_array().unwrap().len(), 3);

    bulk(json!({ "action": tag })).await.is_invalid(&[("/ids", "required")]);
    bulk(json!({ "ids": [], "action": tag })).await.is_invalid(&[("/ids", "out_of_range")]);
    bulk(json!({ "ids": [1], "filter": {}, "action": tag })).await.is_invalid(&[("/ids", "required")]);
    let filter = json!({ "status": "x" });
    bulk(json!({ "filter": filter, "action": tag })).await.is_invalid(&[("/filter/status", "unknown")]);
    let two = json!({ "kind": "add_tag", "tag": "a,b" });
    bulk(json!({ "ids": [1], "action": two })).await.is_invalid(&[("/action/tag", "invalid")]);
    let agent = app.signed_in(Role::Agent).await;
    agent.post("/api/debtors/bulk", json!({ "ids": [1], "action": tag })).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_segment_is_kept_and_is_an_audience() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    add(&client, 1, json!({ "tags": ["mora"], "amount": { "minor": 500, "currency": "COP" } })).await;
    add(&client, 2, json!({ "tags": ["mora"] })).await;
    let filter = json!({ "tag": "mora", "amount_from": 1 });
    let made = client.post("/api/segments", json!({ "name": "Owe", "filter": filter })).await.ok();
    assert_eq!((&made["name"], &made["filter"]), (&json!("Owe"), &filter));
    client.post("/api/segments", json!({ "name": "Owe", "filter": {} })).await.is_problem(409, "name_taken");
    let wrong = json!({ "name": "", "filter": { "overdue_from": 2, "overdue_until": 1 } });
    client
        .post("/api/segments", wrong)
        .await
        .is_invalid(&[("/name", "required"), ("/filter/overdue_until", "reversed")]);
    assert_eq!(client.get("/api/segments").await.ok()["items"], json!([made]));
    let path = format!("/api/segments/{}", made["id"]);
    let audience = json!({ "tags": [], "segment_id": made["id"] });
    assert_eq!(client.post("/api/campaigns/audience", audience).await.ok()["count"], 1);
    let changed = client.put(&path, json!({ "name": "All", "filter": { "tag": "mora" } })).await.ok();
    assert_eq!(changed["name"], "All");
    let audience = json!({ "tags": ["mora"], "segment_id": made["id"] });
    assert_eq!(client.post("/api/campaigns/audience", audience).await.ok()["count"], 2);
    let agent = app.signed_in(Role::Agent).await;
    assert_eq!(agent.get("/api/segments").await.ok()["items"].as_array().unwrap().len(), 1);
    agent.delete(&path).await.is_problem(403, "forbidden");
    assert_eq!(client.delete(&path).await.status, 204);
    client.delete(&path).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn all_that_match_are_had_as_a_file() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let more = json!({
        "name": "=HYPERLINK(\"http://x\")", "reference": "-1", "amount": { "minor": 150_050, "currency": "USD" },
        "due_date": "2026-12-31", "tags": ["a", "b"], "fields": { "=city": "@Cali", "street": "5, \"B\"" },
    });
    add(&client, 1, more).await;
    let others: Vec<_> = (2..=1_003).map(other).collect();
    let entry = AuditEntry { actor: None, action: "test", subject: "debtors".to_owned(), detail: Value::Null };
    app.store.upsert_debtors(&others, false, None, Clock::system().now(), entry, |_| {}).await.unwrap();
    let csv = client.text("/api/debtors/export.csv?tag=a").await;
    let mut lines = csv.lines();
    let header = "\u{feff}name,phone,reference,amount,currency,due_date,status,tags,last_contact_at,last_heard_at,created_at,'=city,street";
    assert_eq!(lines.next().unwrap(), header);
    let row = lines.next().unwrap();
    let before = r#""'=HYPERLINK(""http://x"")",'+573001234001,'-1,1500.50,USD,2026-12-31,active,"a, b",,,"#;
    assert!(row.starts_with(before), "{row}");
    assert!(row.ends_with(r#",'@Cali,"5, ""B""""#), "{row}");
    assert_eq!(lines.next(), None);
    assert_eq!(client.text("/api/debtors/export.csv").await.lines().count(), 1_004, "more than are read at once");

    let request = client.request(reqwest::Method::GET, "/api/debtors/export.xlsx?tag=a");
    let response = request.send().await.unwrap().error_for_status().unwrap();
    assert!(response.headers()["content-disposition"].to_str().unwrap().contains("debtors.xlsx"));
    let bytes = response.bytes().await.unwrap();
    let sheet = first_sheet(&bytes);
    assert!(
        sheet.contains("=HYPERLINK(&quot;http://x&quot;)") || sheet.contains("=HYPERLINK(\"http://x\")"),
        "{sheet}"
    );
    assert!(!sheet.contains("<f>"), "no cell is a formula");
    assert!(sheet.contains("<v>1500.5</v>"));

    client.get("/api/debtors/export.csv?status=x").await.is_invalid(&[("/status", "unknown")]);
    let agent = app.signed_in(Role::Agent).await;
    agent.get("/api/debtors/export.csv").await.is_problem(403, "forbidden");
    agent.get("/api/debtors/export.xlsx").await.is_problem(403, "forbidden");
}

fn other(number: usize) -> DebtorDetails {
    DebtorDetails {
        phone: Phone::from_e164(&format!("57300{number:07}")).unwrap(),
        name: format!("Debtor {number}"),
        debts: Default::default(),
        tags: Default::default(),
        fields: Default::default(),
    }
}

/// The first sheet of a workbook, as it is written.
fn first_sheet(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap()
}
