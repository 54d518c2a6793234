//! Uploads that cannot be read, through the API: each says why, and stores nothing.

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use whatsmassive::{
    domain::{id::ImportId, user::Role},
    store::ImportStatus,
};

use crate::support::app::{Answer, Client, MAX_UPLOAD, TestApp};

pub async fn upload(client: &Client, field: &'static str, name: &str, bytes: Vec<u8>) -> Answer {
    let form = Form::new().part(field, Part::bytes(bytes).file_name(name.to_owned()));
    client.send(client.request(Method::POST, "/api/debtors/imports").multipart(form)).await
}

#[tokio::test]
async fn uploads_that_cannot_be_read_say_why() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    upload(&client, "other", "a.csv", b"phone\n1\n".to_vec()).await.is_invalid(&[("/file", "required")]);
    upload(&client, "file", "a.csv", Vec::new()).await.is_problem(422, "empty_file");
    upload(&client, "file", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\0".to_vec()).await.is_problem(415, "unsupported_file");
    let large = vec![b'1'; usize::try_from(MAX_UPLOAD).unwrap() + 1];
    upload(&client, "file", "a.csv", large).await.is_problem(413, "too_large");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

#[tokio::test]
async fn what_would_be_read_wrongly_is_refused_with_its_row() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let stray = b"Nombre;Celular\nAna;3001234567\n\"Luis;3001234568\nEva;3001234569\n".to_vec();
    let answer = upload(&client, "file", "a.csv", stray).await;
    let detail = answer.is_problem(422, "quotes_unbalanced").body["detail"].as_str().unwrap();
    assert!(detail.contains("row 3"), "{detail}");
    let long = format!("Nombre;Celular\n{};3001234567\n", "x".repeat(40_000));
    upload(&client, "file", "a.csv", long.into()).await.is_problem(422, "cell_too_long");
    let wide = format!("Nombre;Celular\nAna;3001234567{}\n", ";x".repeat(20_000));
    upload(&client, "file", "a.csv", wide.into()).await.is_problem(422, "too_many_columns");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/imports");
    for name in ["protected.xlsx", "protected.xls", "protected.ods"] {
        let bytes = std::fs::read(format!("{folder}/{name}")).unwrap();
        upload(&client, "file", name, bytes).await.is_problem(422, "protected_file");
    }
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

#[tokio::test]
async fn an_import_that_is_not_there_cannot_be_committed() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let plan = json!({
        "mapping": [{ "index": 0, "field": "phone" }], "country": "CO", "currency": "COP", "date_order": "dmy",
    });
    client.post("/api/debtors/imports/9/commit", plan.clone()).await.is_problem(404, "not_found");
    client.get("/api/debtors/imports/9").await.is_problem(404, "not_found");
    client.get("/api/debtors/imports/9/rejected").await.is_problem(404, "not_found");
    client.post("/api/debtors/imports/9/forecast", plan.clone()).await.is_problem(404, "not_found");
    let plan = json!({
        "mapping": [{ "index": 0, "field": "custom" }], "country": "XX", "currency": "pesos", "date_order": "dmy",
    });
    client.post("/api/debtors/imports/9/commit", plan).await.is_invalid(&[
        ("/currency", "invalid_currency"),
        ("/country", "invalid"),
        ("/mapping/0/variable", "required"),
    ]);
}

/// A name, then a phone.
pub fn plan() -> serde_json::Value {
    json!({
        "mapping": [{ "index": 0, "field": "name" }, { "index": 1, "field": "phone" }],
        "country": "CO", "currency": "COP", "date_order": "dmy", "tags": ["Noviembre"],
    })
}

#[tokio::test]
async fn a_file_is_previewed_committed_once_and_reported_row_by_row() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let latin_1 = b"Nombre;Tel\xE9fono\r\nJos\xE9;300 123 4567\r\nAna;12\r\nLuis;+57 (300) 123-4567\r\n;3001234568\r\n";
    let import = upload(&client, "file", "cartera.csv", latin_1.to_vec()).await.ok();
    let detected: Vec<&str> =
        import["columns"].as_array().unwrap().iter().map(|c| c["detected"].as_str().unwrap()).collect();
    assert_eq!(
        (detected, import["rows"].as_u64(), import["delimiter"].as_str()),
        (vec!["name", "phone"], Some(4), Some(";"))
    );
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0, "a preview stores nothing");

    let commit = format!("/api/debtors/imports/{}/commit", import["id"]);
    let (first, second) = tokio::join!(client.post(&commit, plan()), client.post(&commit, plan()));
    let statuses = [first.status.as_u16(), second.status.as_u16()];
    assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
    let report = client.get(&format!("/api/debtors/imports/{}", import["id"])).await.ok()["report"].clone();
    assert_eq!(
        (report["inserted"].as_u64(), report["duplicates"].as_u64(), report["rejected"].as_u64()),
        (Some(1), Some(1), Some(2))
    );
    let reasons: Vec<(u64, &str)> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["row"].as_u64().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(reasons, [(3, "phone_too_short"), (4, "duplicate_in_file"), (5, "name_missing")]);
    let debtors = client.get("/api/debtors?tag=noviembre").await.ok();
    assert_eq!((debtors["total"].as_u64(), debtors["items"][0]["name"].as_str()), (Some(1), Some("José")));
}

#[tokio::test]
async fn a_person_says_where_the_phones_are_if_nothing_else_does() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let import = upload(&client, "file", "a.csv", b"Deudor;Dato\nAna;83123456\n".to_vec()).await.ok();
    assert!(import["columns"].as_array().unwrap().iter().all(|column| column["detected"] != "phone"), "{import}");
    let ask = |what: &str| format!("/api/debtors/imports/{}/{what}", import["id"]);
    let mut plan = json!({
        "mapping": [{ "index": 0, "field": "name" }], "country": "CR", "currency": "CRC", "date_order": "dmy",
    });
    for what in ["forecast", "commit"] {
        client.post(&ask(what), plan.clone()).await.is_problem(422, "no_phone_column");
    }
    plan["mapping"] = json!([{ "index": 0, "field": "name" }, { "index": 1, "field": "phone" }]);
    assert_eq!(client.post(&ask("commit"), plan).await.ok()["report"]["inserted"], 1);
    assert_eq!(client.get("/api/debtors").await.ok()["items"][0]["phone"], "+50683123456");
}

#[tokio::test]
async fn bombs_and_empty_files_are_refused_in_the_language_asked_for() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    upload(&client, "file", "a.csv", "Teléfono;Nombre\n".into()).await.is_problem(422, "empty_file");
    upload(&client, "file", "a.xlsx", b"PK\x03\x04 broken".to_vec()).await.is_problem(415, "unsupported_file");
    upload(&client, "file", "a.zip", zip(&[("letter.txt", "hello")])).await.is_problem(415, "unsupported_file");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

#[tokio::test]
async fn workbooks_that_ask_for_more_than_there_is_do_not_hurt_the_server() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let lie = "<sst uniqueCount=\"100000000000\"><si><t>x</t></si></sst>";
    upload(&client, "file", "a.xlsx", xlsx(lie, "")).await.is_problem(422, "empty_file");
    // A comment keeps it from being read in the quick way, which takes nobody's word for a number.
    let in_full = format!("<!-- a note -->{lie}");
    upload(&client, "file", "a.xlsx", xlsx(&in_full, "")).await.is_problem(422, "archive_bomb");
    let far = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Teléfono</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\"><v>573001234567</v></c></row>\
        <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let import = upload(&client, "file", "a.xlsx", xlsx("<sst/>", far)).await.ok();
    assert_eq!(import["rows"], 2, "cells may lie far apart");
    upload(&client, "file", "a.ods", ods(5_000, 16_000)).await.is_problem(422, "archive_bomb");
    assert_eq!(upload(&client, "file", "a.ods", ods(2, 2)).await.ok()["rows"], 2);
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook of one sheet.
fn xlsx(strings: &str, rows: &str) -> Vec<u8> {
    let relation = |id, kind, target| {
        let kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        format!("<Relationship Id=\"{id}\" Type=\"{kinds}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |list: &[String]| format!("<Relationships>{}</Relationships>", list.concat());
    zip(&[
        ("_rels/.rels", &relations(&[relation("rId1", "officeDocument", "xl/workbook.xml")])),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(&[
                relation("rId1", "worksheet", "worksheets/sheet1.xml"),
                relation("rId2", "sharedStrings", "sharedStrings.xml"),
            ]),
        ),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ])
}

/// An OpenDocument sheet: a header, and one row of one value, both as often as told.
fn ods(columns: u32, rows: u32) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"A\">\
         <table:table-row><table:table-cell office:value-type=\"string\"><text:p>Celular</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell table:number-columns-repeated=\"{columns}\" \
         office:value-type=\"float\" office:value=\"573001234567\"/></table:table-row>\
         </table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", &content),
    ])
}

#[tokio::test]
async fn rejected_rows_can_be_downloaded_corrected_and_imported_again() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let mut file = "Nombre,Celular\n".to_owned();
    for row in 0..600 {
        file.push_str(&format!("Persona {row},12\n"));
    }
    let import = upload(&client, "file", "a.csv", file.into()).await.ok();
    let rejected = format!("/api/debtors/imports/{}/rejected?language=pt", import["id"]);
    client.get(&rejected).await.is_problem(404, "not_found");
    client.post(&format!("/api/debtors/imports/{}/commit", import["id"]), plan()).await.ok();
    let csv = client.text(&rejected).await;
    assert_eq!(csv.lines().count(), 601, "all of them, also those that the report does not name");
    assert!(csv.lines().nth(1).unwrap().ends_with(",12,2,Faltam dígitos no telefone,Celular,"), "{csv}");
    let corrected = csv.replace(",12,", ",3001234567,");
    let import = upload(&client, "file", "b.csv", corrected.into()).await.ok();
    let detected: Vec<&str> =
        import["columns"].as_array().unwrap().iter().map(|column| column["detected"].as_str().unwrap()).collect();
    assert_eq!(detected, ["name", "phone", "ignore", "ignore", "ignore", "ignore"]);
}

#[tokio::test]
async fn mistyped_phones_are_shown_and_corrected_only_where_that_was_agreed_to() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let text = "Nombre;Celular\r\nAna;57573001234567\r\nLuis;57573001234568\r\nJosé;12025550123\r\nEva;3001234569\r\n";
    let import = upload(&client, "file", "a.csv", text.into()).await.ok();
    let at = |what: &str| format!("/api/debtors/imports/{}/{what}", import["id"]);
    let forecast = client.post(&at("forecast"), plan()).await.ok();
    assert_eq!(
        (forecast["good"].as_u64(), forecast["rejected"].as_u64(), &forecast["complete"]),
        (Some(1), Some(3), &json!(true))
    );
    assert_eq!(
        forecast["corrections"],
        json!([
            { "slip": "doubled_country_code", "rows": 2, "examples": [
                { "written": "57573001234567", "meant": "+573001234567" },
                { "written": "57573001234568", "meant": "+573001234568" },
            ] },
            { "slip": "unmarked_country_code", "rows": 1, "examples": [
                { "written": "12025550123", "meant": "+12025550123" },
            ] },
        ])
    );
    let mut agreed = plan();
    agreed["corrections"] = json!(["doubled_country_code"]);
    let forecast = client.post(&at("forecast"), agreed.clone()).await.ok();
    assert_eq!((forecast["good"].as_u64(), forecast["corrections"].as_array().unwrap().len()), (Some(3), 2));
    let report = client.post(&at("commit"), agreed).await.ok()["report"].clone();
    assert_eq!(
        (report["inserted"].as_u64(), report["corrected"].as_u64(), report["rejected"].as_u64()),
        (Some(3), Some(2), Some(1))
    );
    assert_eq!(report["rows"][0]["proposal"], json!({ "slip": "unmarked_country_code", "phone": "+12025550123" }));
    let csv = client.text(&at("rejected?language=es")).await;
    let row = "José;12025550123;4;El teléfono parece mal escrito;Celular;'+12025550123";
    assert_eq!(csv.lines().nth(1), Some(row), "the separator of the file it came in");
}

#[tokio::test]
async fn what_was_known_and_what_was_left_out_are_counted_on_their_own() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let plan = || {
        let fields = ["name", "phone", "language"].into_iter().enumerate();
        let mapping: Vec<_> = fields.map(|(index, field)| json!({ "index": index, "field": field })).collect();
        json!({ "mapping": mapping, "country": "CO", "currency": "COP", "date_order": "dmy" })
    };
    let store = async |text: &str| {
        let import = upload(&client, "file", "a.csv", text.into()).await.ok();
        client.post(&format!("/api/debtors/imports/{}/commit", import["id"]), plan()).await.ok()["report"].clone()
    };
    let counts = |report: &serde_json::Value| {
        ["inserted", "updated", "unchanged", "warnings"].map(|name| report[name].as_u64().unwrap())
    };
    let first = store("Nombre;Celular;Idioma\nAna;3001234567;es\nLuis;3001234568;klingon\n").await;
    assert_eq!(counts(&first), [2, 0, 0, 1]);
    assert_eq!(first["warned"][0]["reason"], "language_unknown");
    let second = store("Nombre;Celular;Idioma\nAna;3001234567;es\nLuis;3001234568;pt\n").await;
    assert_eq!(counts(&second), [0, 1, 1, 0]);
    let debtors = client.get("/api/debtors?search=Luis").await.ok();
    assert_eq!(debtors["items"][0]["fields"]["language"], "pt");
}

#[tokio::test]
async fn a_mapping_is_suggested_for_the_next_file_of_its_shape() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let first = upload(&client, "file", "cobranza.csv", "Quien;Donde\nAna;3001234567\n".into()).await.ok();
    assert!(first["suggestion"].is_null());
    let chosen = plan();
    client.post(&format!("/api/debtors/imports/{}/commit", first["id"]), chosen).await.ok();
    let next = upload(&client, "file", "b.csv", "DONDE;quien\n3001234568;Luis\n".into()).await.ok();
    let suggestion = &next["suggestion"];
    assert_eq!(suggestion["file_name"], "cobranza.csv");
    let fields: Vec<&str> = suggestion["plan"]["mapping"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["field"].as_str().unwrap())
        .collect();
    assert_eq!((fields, &suggestion["plan"]["tags"]), (vec!["phone", "name"], &json!(["noviembre"])));
    let other = upload(&client, "file", "c.csv", "Quien;Telefono\nAna;3001234567\n".into()).await.ok();
    assert!(other["suggestion"].is_null());
}

#[tokio::test]
async fn another_sheet_of_a_workbook_can_be_chosen_and_its_rejected_rows_are_a_workbook() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/imports");
    let bytes = std::fs::read(format!("{folder}/sheets-several.xlsx")).unwrap();
    let import = upload(&client, "file", "a.xlsx", bytes).await.ok();
    assert_eq!((import["sheet"].as_str(), import["rows"].as_u64()), (Some("Enero"), Some(2)));
    let at = |what: &str| format!("/api/debtors/imports/{}/{what}", import["id"]);
    let choose = async |sheet: &str| client.put(&at("sheet"), json!({ "sheet": sheet })).await;
    choose("Resumen").await.is_invalid(&[("/sheet", "invalid")]);
    let chosen = choose("Febrero").await.ok();
    assert_eq!((chosen["sheet"].as_str(), chosen["rows"].as_u64()), (Some("Febrero"), Some(3)));
    let report = client.post(&at("commit"), plan()).await.ok()["report"].clone();
    assert_eq!((report["inserted"].as_u64(), report["rejected"].as_u64()), (Some(2), Some(1)));
    let workbook = client.request(Method::GET, &at("rejected")).send().await.unwrap();
    assert!(workbook.headers()["content-disposition"].to_str().unwrap().ends_with(".xlsx\""));
    assert!(workbook.bytes().await.unwrap().starts_with(b"PK"));
    choose("Enero").await.is_problem(409, "already_committed");
}

#[tokio::test]
async fn an_import_cut_short_by_a_crash_can_be_confirmed_again_and_stray_files_go() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let app = TestApp::on(&url, folder).await;
    let client = app.signed_in(Role::Supervisor).await;
    let import = upload(&client, "file", "a.csv", "Nombre,Celular\nAna,3001234567\n".into()).await.ok();
    let id = ImportId(import["id"].as_i64().unwrap());
    let (from, to) = (ImportStatus::WAITING, ImportStatus::Committing);
    assert!(app.store.move_import(id, from, to, chrono::DateTime::UNIX_EPOCH).await.unwrap());
    let stray = app.importer.folder().join("upload-0123");
    std::fs::write(&stray, "half a fi").unwrap();
    let commit = format!("/api/debtors/imports/{id}/commit");
    client.post(&commit, plan()).await.is_problem(409, "already_committed");

    app.importer.recover().await.unwrap();
    assert!(!stray.exists());
    let listed = client.get("/api/debtors/imports").await.ok();
    assert_eq!((&listed["items"][0]["status"], &listed["items"][0]["counts"]), (&json!("interrupted"), &json!(null)));
    assert_eq!(client.post(&commit, plan()).await.ok()["report"]["inserted"], 1);
}
