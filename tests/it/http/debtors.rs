//! Debtors through the API.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use crate::support::app::{Client, TestApp};

async fn add(client: &Client, number: usize, tags: Value) -> Value {
    let body = json!({ "phone": format!("+573001234{number:03}"), "name": format!("Debtor {number}"), "tags": tags });
    client.post("/api/debtors", body).await.ok()
}

#[tokio::test]
async fn a_debtor_is_added_changed_and_deleted() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let body = json!({
        "phone": "+57 300 123 4567", "name": "Ana", "reference": "L-1", "amount": { "minor": 150_000, "currency": "cop" },
        "due_date": "2026-12-31", "tags": ["Mora 30", "mora 30"], "fields": { "city": "Cali" },
    });
    let debtor = client.post("/api/debtors", body).await.ok();
    assert_eq!((&debtor["phone"], &debtor["status"]), (&json!("+573001234567"), &json!("active")));
    assert_eq!((&debtor["tags"], &debtor["due_date"]), (&json!(["mora 30"]), &json!("2026-12-31")));
    assert_eq!((&debtor["amount"]["minor"], &debtor["amount"]["currency"]), (&json!(150_000), &json!("COP")));
    assert!(!debtor["amount"]["text"].as_str().unwrap().is_empty());
    let path = format!("/api/debtors/{}", debtor["id"]);
    let changed = client.patch(&path, json!({ "reference": null, "amount": null, "name": "Ana María" })).await.ok();
    assert_eq!(
        (&changed["reference"], &changed["amount"], &changed["name"]),
        (&json!(null), &json!(null), &json!("Ana María"))
    );
    assert_eq!((&changed["due_date"], &changed["fields"]), (&json!("2026-12-31"), &json!({ "city": "Cali" })));
    let debts = client.get(&path).await.ok()["debts"].clone();
    assert_eq!(
        (&debts[0]["due_date"], &debts[0]["amount"], &debts[1]),
        (&json!("2026-12-31"), &json!(null), &json!(null))
    );
    assert_eq!(client.get(&path).await.ok()["fields"], changed["fields"]);
    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn bad_debtors_are_refused() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let body = json!({ "phone": "call me", "name": "", "amount": { "minor": 1, "currency": "pesos" }, "tags": [" "] });
    client.post("/api/debtors", body).await.is_invalid(&[
        ("/phone", "invalid_phone"),
        ("/name", "required"),
        ("/amount/currency", "invalid_currency"),
        ("/tags/0", "required"),
    ]);
    client
        .post("/api/debtors", json!({ "phone": "", "name": "x", "due_date": "soon" }))
        .await
        .is_invalid(&[("/due_date", "invalid")]);
    add(&client, 1, json!([])).await;
    let twin = json!({ "phone": "+573001234001", "name": "Twin" });
    client.post("/api/debtors", twin).await.is_problem(409, "phone_taken");
}

#[tokio::test]
async fn only_a_reason_ends_a_legal_stop() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let path = format!("/api/debtors/{}", add(&client, 1, json!([])).await["id"]);
    client.patch(&path, json!({ "status": "opted_out" })).await.ok();
    client.patch(&path, json!({ "name": "Still out" })).await.ok();
    for reason in [json!(null), json!("  ")] {
        let body = json!({ "status": "active", "reason": reason });
        client.patch(&path, body).await.is_invalid(&[("/reason", "reason_required")]);
    }
    assert_eq!(client.get(&path).await.ok()["status"], "opted_out");
    let body = json!({ "status": "active", "reason": "Asked to be written to again" });
    assert_eq!(client.patch(&path, body).await.ok()["status"], "active");
    for stop in ["disputed", "attorney_represented", "cease_and_desist", "deceased"] {
        client.patch(&path, json!({ "status": stop })).await.ok();
        for status in ["active", "paid"] {
            client.patch(&path, json!({ "status": status })).await.is_invalid(&[("/reason", "reason_required")]);
        }
        let body = json!({ "status": "active", "reason": "Entered by mistake" });
        assert_eq!(client.patch(&path, body).await.ok()["status"], "active");
    }
    for status in ["paid", "wrong_number", "active"] {
        assert_eq!(client.patch(&path, json!({ "status": status })).await.ok()["status"], status);
    }
    let events = client.get(&format!("{path}/timeline")).await.ok()["items"].clone();
    let reasons = events.as_array().unwrap().iter().filter(|event| event["what"]["reason"] == "Entered by mistake");
    assert_eq!(reasons.count(), 4, "{events}");
}

#[tokio::test]
async fn a_second_phone_takes_the_place_of_a_wrong_one() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let path = format!("/api/debtors/{}", add(&client, 1, json!([])).await["id"]);
    let swap = format!("{path}/second-phone");
    client.post(&swap, json!({})).await.is_invalid(&[("/fields/second_phone", "invalid_phone")]);
    let fields = |phone: &str| json!({ "status": "wrong_number", "fields": { "second_phone": phone, "city": "Cali" } });
    client.patch(&path, fields("+573001234009")).await.ok();
    let swapped = client.post(&swap, json!({})).await.ok();
    assert_eq!((&swapped["phone"], &swapped["status"]), (&json!("+573001234009"), &json!("active")));
    assert_eq!(swapped["fields"], json!({ "second_phone": "+573001234001", "city": "Cali" }));
    let event = client.get(&format!("{path}/timeline")).await.ok()["items"][0]["what"].clone();
    assert_eq!((&event["kind"], &event["author"]), (&json!("second_phone"), &json!("Their supervisor")));
    add(&client, 2, json!([])).await;
    client.patch(&path, fields("+573001234002")).await.ok();
    client.post(&swap, json!({})).await.is_problem(409, "phone_taken");
    app.signed_in(Role::Agent).await.post(&swap, json!({})).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    for number in 1..=5 {
        add(&client, number, if number % 2 == 0 { json!(["even"]) } else { json!([]) }).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/api/debtors?limit=2&cursor={cursor}")).await.ok();
        assert_eq!(page["total"], 5);
        seen.extend(page["items"].as_array().unwrap().iter().map(|debtor| debtor["id"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(client.get("/api/debtors?tag=even").await.ok()["total"], 2);
    assert_eq!(client.get("/api/debtors?search=debtor%203001234003").await.ok()["total"], 1);
    assert_eq!(client.get("/api/debtors?status=paid").await.ok()["items"], json!([]));
    assert_eq!(client.get("/api/debtors?tag=even,odd&search=debtor").await.ok()["total"], 2);
    let by_name = client.get("/api/debtors?sort=name&descending=true&limit=1").await.ok();
    assert_eq!((&by_name["items"][0]["name"], &by_name["exact"]), (&json!("Debtor 5"), &json!(true)));
    assert_eq!(by_name["items"][0]["last_contact_at"], json!(null));
    client
        .get("/api/debtors?status=nobody&amount_from=2&amount_until=1")
        .await
        .is_invalid(&[("/status", "unknown"), ("/amount_until", "reversed")]);
    client.get("/api/debtors?sort=shoe_size").await.is_problem(422, "validation");
    assert_eq!(client.get("/api/debtors/tags").await.ok()["items"], json!([{ "tag": "even", "count": 2 }]));
}
