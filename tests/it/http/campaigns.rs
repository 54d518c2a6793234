//! Campaigns through the API: their life, and what each refusal says.

use serde_json::{Value, json};
use whatsmassive::{
    domain::{id::CampaignId, user::Role},
    store::{MessageFilter, Page},
};

use crate::support::app::{Client, TestApp};

/// A pool without members, a template, and a debtor with the tag `mora`.
async fn prepare(app: &TestApp) -> Client {
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "Number", "start": false })).await.ok();
    client
        .post("/api/pools", json!({ "name": "Pool", "strategy": "competitive", "members": [{ "session_id": 1 }] }))
        .await
        .ok();
    client.post("/api/pools", json!({ "name": "Empty", "strategy": "competitive", "members": [] })).await.ok();
    client.post("/api/templates", json!({ "name": "Reminder", "body": "Hola {{ name }}" })).await.ok();
    client.post("/api/debtors", json!({ "phone": "+573001234567", "name": "Ana", "tags": ["mora"] })).await.ok();
    client
}

fn campaign(name: &str, pool: i64, tag: &str, start: bool) -> Value {
    json!({ "name": name, "pool_ids": [pool], "template_id": 1, "audience": { "tags": [tag] }, "start": start })
}

#[tokio::test]
async fn a_campaign_lives_from_draft_to_cancelled() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    assert_eq!(client.post("/api/campaigns/audience", json!({ "tags": ["Mora"] })).await.ok(), json!({ "count": 1 }));
    let draft = client.post("/api/campaigns", campaign("May", 1, "mora", false)).await.ok();
    assert_eq!((&draft["status"], &draft["counts"]["total"]), (&json!("draft"), &json!(0)));
    assert_eq!(draft["pools"], json!([{ "id": 1, "name": "Pool" }]));
    assert_eq!(draft["created_by"]["name"], "Their supervisor");
    for (action, status) in [("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")]
    {
        let campaign = client.post(&format!("/api/campaigns/1/{action}"), json!({})).await.ok();
        assert_eq!(campaign["status"], status);
        assert_eq!(campaign["counts"]["total"], 1);
    }
    let messages = client.get("/api/campaigns/1/messages").await.ok();
    assert_eq!(messages["items"][0]["state"], "cancelled");
    assert_eq!(messages["items"][0]["debtor"], json!({ "id": 1, "name": "Ana", "phone": "+573001234567" }));
    assert_eq!(client.get("/api/campaigns/1/messages?state=sent").await.ok()["items"], json!([]));
    assert_eq!(client.get("/api/campaigns?status=running").await.ok()["items"], json!([]));
    assert_eq!(client.get("/api/campaigns").await.ok()["items"][0]["name"], "May");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    let create = |body| client.post("/api/campaigns", body);
    create(campaign(" ", 9, "mora", false)).await.is_invalid(&[("/name", "required"), ("/pool_ids/0", "unknown")]);
    create(campaign("A", 2, "mora", true)).await.is_problem(422, "empty_pool");
    create(campaign("A", 1, "nobody", true)).await.is_problem(422, "empty_audience");
    assert_eq!(client.get("/api/campaigns").await.ok()["items"], json!([]));
    create(campaign("A", 1, "nobody", false)).await.ok();
    create(campaign("A", 1, "nobody", false)).await.is_problem(409, "name_taken");
    client.post("/api/campaigns/1/start", json!({})).await.is_problem(422, "empty_audience");
    let illegal = client.post("/api/campaigns/1/pause", json!({})).await;
    illegal.is_problem(409, "illegal_action");
    assert!(illegal.body["detail"].as_str().unwrap().contains("draft"), "{illegal:?}");
    assert_eq!(client.get("/api/campaigns/1").await.ok()["status"], "draft");
    client.post("/api/campaigns/9/start", json!({})).await.is_problem(404, "not_found");
    client.get("/api/campaigns/9/messages").await.is_problem(404, "not_found");
    client.delete("/api/pools/1").await.is_problem(409, "in_use");
    client.delete("/api/templates/1").await.is_problem(409, "in_use");
}

#[tokio::test]
async fn the_dashboard_counts() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", true)).await.ok();
    let dashboard = client.get("/api/dashboard").await.ok();
    assert_eq!(dashboard["sessions"], json!({ "total": 1, "online": 0, "by_status": { "stopped": 1 } }));
    assert_eq!(dashboard["campaigns"], json!({ "running": 1, "paused": 0, "finished": 0 }));
    assert_eq!(dashboard["debtors"], json!({ "total": 1, "active": 1, "opted_out": 0 }));
    assert_eq!(dashboard["messages_by_hour"].as_array().unwrap().len(), 24);
}

#[tokio::test]
async fn a_plan_is_kept_and_checked() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    let plan = json!({
        "time_zone": "America/Bogota", "hours": [{ "days": [1, 2], "from": "09:00", "until": "18:00" }],
        "starts_at": "2099-01-05T14:00:00Z", "if_late": "report", "ends_at": "2099-02-01T00:00:00Z",
        "weight": 3, "priority": 1, "max_error_percent": null,
    });
    let mut body = campaign("May", 1, "mora", true);
    body["plan"] = plan.clone();
    body["follow_ups"] = json!([
        { "template_id": 1, "after_minutes": 4320, "stop_if_replied": true, "stop_if_promised": false },
        { "template_id": 1, "after_minutes": 1440, "stop_if_replied": false, "stop_if_promised": true },
    ]);
    let made = client.post("/api/campaigns", body.clone()).await.ok();
    assert_eq!(
        (&made["status"], &made["plan"], &made["follow_ups"]),
        (&json!("scheduled"), &plan, &body["follow_ups"])
    );
    client.patch("/api/campaigns/1", json!({ "name": "June" })).await.is_problem(409, "campaign_has_begun");
    assert_eq!(client.post("/api/campaigns/1/unschedule", json!({})).await.ok()["status"], "draft");
    assert_eq!(client.patch("/api/campaigns/1", json!({ "name": "June" })).await.ok()["name"], "June");
    let unaware = json!({ "follow_ups": [{ "template_id": 1, "after_minutes": 60, "stop_if_replied": true }] });
    let patched = client.patch("/api/campaigns/1", unaware).await.ok();
    assert_eq!(patched["follow_ups"][0]["stop_if_promised"], false);
    assert_eq!(client.post("/api/campaigns/1/schedule", json!({})).await.ok()["status"], "scheduled");

    let wrong = json!({
        "pool_ids": [1, 1, 9],
        "plan": {
            "time_zone": "Bogota", "hours": [{ "days": [9], "from": "09:00", "until": "18:00" }],
            "starts_at": "2099-01-05T14:00:00Z", "if_late": "run", "ends_at": "2099-01-05T14:00:00Z",
            "weight": 0, "priority": 10, "max_error_percent": 0,
        },
        "follow_ups": [{ "template_id": 9, "after_minutes": 0, "stop_if_replied": false }],
    });
    client.patch("/api/campaigns/1", wrong).await.is_invalid(&[
        ("/pool_ids/1", "duplicate"),
        ("/pool_ids/2", "unknown"),
        ("/plan/time_zone", "invalid_time_zone"),
        ("/plan/hours/0/days", "invalid"),
        ("/plan/weight", "out_of_range"),
        ("/plan/priority", "out_of_range"),
        ("/plan/max_error_percent", "out_of_range"),
        ("/plan/ends_at", "ends_early"),
        ("/follow_ups/0/template_id", "unknown"),
        ("/follow_ups/0/after_minutes", "out_of_range"),
    ]);
}

#[tokio::test]
async fn a_time_is_one_of_the_clock_of_the_plan_or_refused() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", false)).await.ok();
    let times = |starts_at: &str, ends_at: &str| {
        let plan = json!({
            "time_zone": "America/New_York", "hours": [], "starts_at": starts_at, "if_late": "run", "ends_at": ends_at,
            "weight": 1, "priority": 0, "max_error_percent": null,
        });
        client.patch("/api/campaigns/1", json!({ "plan": plan }))
    };
    let kept = times("2099-07-01T09:00", "2099-12-01T09:00:30").await.ok();
    assert_eq!(
        (&kept["plan"]["starts_at"], &kept["plan"]["ends_at"]),
        (&json!("2099-07-01T13:00:00Z"), &json!("2099-12-01T14:00:30Z"))
    );
    let refused = times("2099-03-08T02:30", "2099-11-01T01:30").await;
    refused.is_invalid(&[("/plan/starts_at", "time_skipped"), ("/plan/ends_at", "time_twice")]);
    let details: Vec<_> = refused.body["errors"].as_array().unwrap().iter().map(|error| &error["detail"]).collect();
    assert!(details[0].as_str().unwrap().contains("2099-03-08 03:00"), "{details:?}");
    assert!(details[1].as_str().unwrap().contains("2099-11-01 02:00"), "{details:?}");
    let kept = times("2099-11-01T01:30:00-05:00", "2099-11-02T09:00").await.ok();
    assert_eq!(kept["plan"]["starts_at"], "2099-11-01T06:30:00Z", "an instant says which of the two");
    times("tomorrow", "2099-13-01T09:00")
        .await
        .is_invalid(&[("/plan/starts_at", "invalid_date_time"), ("/plan/ends_at", "invalid_date_time")]);
}

#[tokio::test]
async fn of_a_paused_campaign_the_plan_changes_and_what_its_launch_froze_does_not() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    let change = |body| client.patch("/api/campaigns/1", body);
    let plan = json!({
        "time_zone": "America/Bogota", "hours": [], "starts_at": null, "if_late": "run", "ends_at": null,
        "weight": 2, "priority": 5, "max_error_percent": 60,
    });
    let started = client.post("/api/campaigns", campaign("May", 1, "mora", true)).await.ok();
    change(json!({ "plan": plan })).await.is_problem(409, "campaign_has_begun");
    client.post("/api/campaigns/1/pause", json!({})).await.ok();
    for frozen in [
        json!({ "template_id": 1 }),
        json!({ "audience": { "tags": [] } }),
        json!({ "follow_ups": [] }),
        json!({ "name": "June", "plan": plan, "template_id": 1 }),
    ] {
        change(frozen).await.is_problem(409, "campaign_has_begun");
    }
    let mut paused = client.get("/api/campaigns/1").await.ok();
    assert_eq!((&paused["name"], &paused["plan"]), (&json!("May"), &started["plan"]), "nothing has changed");
    let changed = change(json!({ "name": "June", "pool_ids": [1, 2], "plan": plan })).await.ok();
    assert_eq!((&changed["name"], &changed["plan"]), (&json!("June"), &plan));
    assert_eq!(changed["pools"].as_array().unwrap().len(), 2);
    for part in ["name", "pools", "plan"] {
        paused[part] = changed[part].clone();
    }
    assert_eq!(changed, paused, "all else is as it was");
    client.post("/api/campaigns/1/resume", json!({})).await.ok();
    change(json!({ "plan": plan })).await.is_problem(409, "campaign_has_begun");
}

#[tokio::test]
async fn a_campaign_is_duplicated_and_put_out_of_sight() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", true)).await.ok();
    client.delete("/api/campaigns/1").await.is_problem(409, "in_use");
    let copy = client.post("/api/campaigns/1/duplicate", json!({})).await.ok();
    assert_eq!((&copy["name"], &copy["status"]), (&json!("May (2)"), &json!("draft")));
    client.post("/api/campaigns/1/retry", json!({})).await.is_problem(422, "empty_audience");
    client.post("/api/campaigns/1/cancel", json!({})).await.ok();
    client.delete("/api/campaigns/1").await.ok();
    client.get("/api/campaigns/1").await.is_problem(404, "not_found");
    client.post("/api/campaigns", campaign("May", 1, "mora", false)).await.ok();
    client.post("/api/campaigns/2/schedule", json!({})).await.is_invalid(&[("/plan/starts_at", "required")]);
}

#[tokio::test]
async fn a_copy_has_all_of_a_campaign_but_its_times() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    let members = json!([{ "session_id": 1 }]);
    client.post("/api/pools", json!({ "name": "Other", "strategy": "competitive", "members": members })).await.ok();
    let filter = json!({ "tag": "mora" });
    let segment = client.post("/api/segments", json!({ "name": "Late", "filter": filter })).await.ok();
    let mut body = campaign("May", 1, "mora", true);
    body["pool_ids"] = json!([3, 1]);
    body["audience"]["segment_id"] = segment["id"].clone();
    body["plan"] = json!({
        "time_zone": "America/Bogota", "hours": [{ "days": [1, 2], "from": "09:00", "until": "18:00" }],
        "starts_at": "2099-01-05T14:00:00Z", "if_late": "report", "ends_at": "2099-02-01T00:00:00Z",
        "weight": 3, "priority": 1, "max_error_percent": 12,
    });
    body["follow_ups"] =
        json!([{ "template_id": 1, "after_minutes": 4320, "stop_if_replied": true, "stop_if_promised": true }]);
    let original = client.post("/api/campaigns", body).await.ok();
    assert_eq!(original["status"], "scheduled");
    let copy = client.post("/api/campaigns/1/duplicate", json!({})).await.ok();
    for same in ["pools", "template", "audience", "follow_ups"] {
        assert!(!original[same].is_null(), "{same}");
        assert_eq!(copy[same], original[same], "{same}");
    }
    let mut plan = original["plan"].clone();
    (plan["starts_at"], plan["ends_at"]) = (Value::Null, Value::Null);
    assert_eq!((&copy["plan"], &copy["status"], &copy["name"]), (&plan, &json!("draft"), &json!("May (2)")));
    assert_eq!((&copy["started_at"], &copy["counts"]["total"]), (&Value::Null, &json!(0)));
}

#[tokio::test]
async fn the_ledger_of_a_deleted_campaign_stays() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", true)).await.ok();
    let ledger = async || {
        let page = Page { limit: 10, cursor: None };
        let page = app.store.messages(CampaignId(1), MessageFilter::default(), page).await.unwrap();
        page.items.into_iter().map(|row| row.message).collect::<Vec<_>>()
    };
    client.post("/api/campaigns/1/cancel", json!({})).await.ok();
    let before = ledger().await;
    assert_eq!((before.len(), before[0].history.len()), (1, 1));
    client.delete("/api/campaigns/1").await.ok();
    client.get("/api/campaigns/1").await.is_problem(404, "not_found");
    client.get("/api/campaigns/1/messages").await.is_problem(404, "not_found");
    assert_eq!(ledger().await, before);
    client.delete("/api/debtors/1").await.is_problem(409, "in_use");
}

#[tokio::test]
async fn a_preview_says_who_would_get_what_and_who_not_and_why() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/templates", json!({ "name": "City", "body": "Hola {{ name }} de {{ city }}" })).await.ok();
    let with_city = json!({ "phone": "+573001234568", "name": "Luis", "tags": ["mora"], "fields": { "city": "Cali" } });
    client.post("/api/debtors", with_city).await.ok();
    let stopped = json!({ "phone": "+573001234569", "name": "Eva", "tags": ["mora"], "fields": { "city": "Cali" } });
    client.post("/api/debtors", stopped).await.ok();
    client.post("/api/suppressions", json!({ "phone": "+573001234569", "reason": "x" })).await.ok();
    let ask = json!({ "template_id": 2, "audience": { "tags": ["mora"] } });
    let preview = client.post("/api/campaigns/preview", ask).await.ok();
    assert_eq!((&preview["audience"], &preview["now"]), (&json!(3), &json!(1)));
    let refused = json!([
        { "reason": "suppressed_number", "count": 1, "until": null },
        { "reason": "template_variable_missing: city", "count": 1, "until": null },
    ]);
    assert_eq!((&preview["refused"], &preview["waiting"]), (&refused, &json!([])));
    assert_eq!(preview["recipients"][2]["text"], "Hola Luis de Cali");
    assert_eq!(preview["recipients"][0]["text"], json!(null));
    assert_eq!(client.get("/api/campaigns").await.ok()["items"], json!([]), "nothing was made");
}

#[tokio::test]
async fn a_preview_keeps_to_the_plan_and_tells_of_follow_ups() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/templates", json!({ "name": "City", "body": "Otra vez, {{ name }} de {{ city }}" })).await.ok();
    let with_city = json!({ "phone": "+573001234568", "name": "Luis", "tags": ["mora"], "fields": { "city": "Cali" } });
    client.post("/api/debtors", with_city).await.ok();
    let ask = |starts_at: &str, ends_at: &str, follow_up: i64| {
        let plan = json!({
            "time_zone": "America/Bogota", "hours": [{ "days": [2], "from": "09:00", "until": "18:00" }],
            "starts_at": starts_at, "if_late": "run", "ends_at": ends_at,
            "weight": 1, "priority": 0, "max_error_percent": null,
        });
        let step = json!({
            "template_id": follow_up, "after_minutes": 60, "stop_if_replied": true, "stop_if_promised": false,
        });
        let body = json!({ "template_id": 1, "audience": { "tags": [] }, "plan": plan, "follow_ups": [step] });
        client.post("/api/campaigns/preview", body)
    };
    // It begins on a Monday, and sends on Tuesdays.
    let preview = ask("2099-01-05T09:00", "2099-02-01T09:00", 2).await.ok();
    assert_eq!((&preview["begins_at"], &preview["now"]), (&json!("2099-01-05T14:00:00Z"), &json!(0)));
    let waiting = json!([{ "reason": "campaign_hours", "count": 2, "until": "2099-01-06T14:00:00Z" }]);
    assert_eq!(preview["waiting"], waiting);
    let follow_ups = json!([{
        "after_minutes": 60, "stop_if_replied": true, "stop_if_promised": false,
        "refused": [{ "reason": "template_variable_missing: city", "count": 1, "until": null }],
        "samples": [{ "debtor_id": 2, "name": "Luis", "text": "Otra vez, Luis de Cali" }],
    }]);
    assert_eq!(preview["follow_ups"], follow_ups);
    let too_short = ask("2099-01-05T09:00", "2099-01-05T18:00", 2).await.ok();
    assert_eq!(too_short["refused"], json!([{ "reason": "campaign_ended", "count": 2, "until": null }]));
    ask("2099-03-08T25:00", "2099-01-05T18:00", 9)
        .await
        .is_invalid(&[("/plan/starts_at", "invalid_date_time"), ("/follow_ups/0/template_id", "unknown")]);
}

#[tokio::test]
async fn a_forecast_says_why_nobody_can_say_when_a_campaign_ends() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", false)).await.ok();
    let unknown =
        |why: &str| json!({ "per_minute": null, "ends_at": null, "unsent": 0, "unknown": why, "until": null });
    assert_eq!(client.get("/api/campaigns/1/forecast").await.ok(), unknown("not_running"));
    client.post("/api/campaigns/1/start", json!({})).await.ok();
    assert_eq!(client.get("/api/campaigns/1/forecast").await.ok(), unknown("too_few"));
    client.get("/api/campaigns/9/forecast").await.is_problem(404, "not_found");
}
