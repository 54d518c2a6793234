//! The picture in `src/lib.rs`, enforced: a module imports only from those below it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use whatsmassive::domain::failure::{Cause, Doubt};

/// Each module and those it may import from.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("simulator", &[]),
    ("config", &[]),
    ("lifecycle", &[]),
    ("telemetry", &["config"]),
    ("bus", &["domain"]),
    ("channel", &["domain"]),
    ("store", &["domain"]),
    ("fleet", &["domain", "store", "channel", "bus"]),
    ("import", &["domain", "store", "bus"]),
    ("export", &["domain", "store"]),
    ("engine", &["domain", "store", "channel", "bus", "fleet"]),
    ("http", &["domain", "store", "bus", "fleet", "engine", "import", "export", "realtime", "telemetry"]),
    ("realtime", &["domain", "store", "bus", "fleet", "http"]),
    (
        "app",
        &[
            "domain",
            "store",
            "channel",
            "bus",
            "fleet",
            "engine",
            "import",
            "http",
            "realtime",
            "config",
            "simulator",
            "lifecycle",
            "telemetry",
        ],
    ),
    ("cli", &["domain", "store", "http", "app", "config", "simulator", "lifecycle", "telemetry", "import"]),
];

/// Crates that one module has to itself.
const ONLY_IN: &[(&str, &str)] = &[
    ("diesel", "store"),
    ("diesel_async", "store"),
    ("chromiumoxide", "channel"),
    ("calamine", "import"),
    ("procfs", "channel"),
    ("socketioxide", "realtime"),
];

/// Crates that the pure rules must not know.
const NOT_IN_DOMAIN: &[&str] = &["tokio", "axum", "diesel", "chromiumoxide", "utoipa", "tracing"];

#[test]
fn modules_import_only_from_those_below() {
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: the module {module} is not in the table", file.display()));
            continue;
        };
        for used in crate_paths(&text) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} may not import from {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_behind_their_module() {
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        for (library, owner) in ONLY_IN {
            let elsewhere = module != *owner && !(*library == "calamine" && module == "simulator");
            if elsewhere && mentions(&text, library) {
                wrong.push(format!("{}: only {owner} may use {library}", file.display()));
            }
        }
        if module == "domain" {
            for library in NOT_IN_DOMAIN.iter().filter(|library| mentions(&text, library)) {
                wrong.push(format!("{}: the domain may not use {library}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn why_a_message_did_not_leave_is_said_in_three_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend/src/features/campaigns/locales");
    let codes = Cause::ALL.iter().map(|cause| cause.as_str()).chain(Doubt::ALL.iter().map(|doubt| doubt.as_str()));
    let codes: Vec<&str> = codes.collect();
    for language in ["es.json", "pt.json", "en.json"] {
        let texts: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(language)).unwrap()).unwrap();
        for code in &codes {
            assert!(texts["reason"][code].is_string(), "{language} has no text for {code}");
        }
    }
}

#[test]
fn the_check_sees_every_way_to_import() {
    let text = "use crate::{store::Store, domain::{id::Id, session}};\nfn f() { crate::bus::f(); }\nuse crate::http;";
    let seen: BTreeSet<String> = crate_paths(text);
    assert_eq!(seen, ["store", "domain", "bus", "http"].map(str::to_owned).into());
}

/// Every source file with its top-level module, comments removed.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap();
                let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
                let module = first.trim_end_matches(".rs").to_owned();
                if module != "lib" && module != "main" {
                    let text = fs::read_to_string(&path).unwrap();
                    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
                    files.push((module, relative.to_owned(), code.join("\n")));
                }
            }
        }
    }
    assert!(files.len() > 20, "the sources were not found");
    files
}

/// The top-level modules that `text` names after `crate::`.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with('$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => drop(used.insert(word(rest))),
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (index, letter) in group.char_indices() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        letter if start && depth == 0 && letter.is_alphabetic() => {
                            used.insert(word(&group[index..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Whether the code names the library in a path.
fn mentions(text: &str, library: &str) -> bool {
    let path = format!("{library}::");
    text.match_indices(&path)
        .any(|(at, _)| !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':'))
}
