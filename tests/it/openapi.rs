//! The committed OpenAPI document, from which the web app's types are made, is the one that the routes give.

use std::collections::BTreeSet;

use whatsmassive::http;

#[test]
fn the_committed_document_is_up_to_date() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/frontend/openapi.json")).unwrap();
    assert!(
        committed == http::openapi_json(),
        "frontend/openapi.json is out of date: run `cargo run -- openapi > frontend/openapi.json`, then `npm run gen` in frontend/"
    );
}

#[test]
fn every_operation_has_an_id_of_its_own_and_a_summary() {
    let document = serde_json::to_value(http::openapi()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{method} {path} shares its id {id}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert!(operation["responses"]["default"].is_object(), "{method} {path} does not tell its errors");
        }
    }
}
