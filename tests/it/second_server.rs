//! A second server on a database that one works on already.

use crate::support::process::{Home, Process, Server, free_address};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_database_is_refused_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home {
        data: folder.path().join("data"),
        database_url: None,
        // No session is started: nobody asks there.
        web_url: "http://127.0.0.1:9/".to_owned(),
        numbers_per_browser: 1,
        address: free_address(),
    };
    let first = Server::start(&home).await;
    let environment = [
        ("WHATSMASSIVE__SERVER__LISTEN", free_address().to_string()),
        ("WHATSMASSIVE__DATA__DIR", home.data.display().to_string()),
        ("WHATSMASSIVE__WEB__URL", home.web_url.clone()),
    ];
    let mut second = Process::start(&["serve"], &environment);
    let refusal = second.logged("another server (process ").await;
    let expected = format!("{} on ", first.process.pid());
    assert!(
        refusal.starts_with(&expected) && refusal.ends_with(") works on this database: stop it first"),
        "{refusal}"
    );
    second.ended().await;
    assert!(first.find("/healthz").await.is_some(), "the first goes on");
}
