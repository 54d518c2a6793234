//! Browsers behind a proxy: one that works, one where nobody listens, and one that never answers; and whether the network is there at all.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use whatsmassive::{
    channel::{
        ChannelState, Connector as _, OpenError,
        web::{WebConfig, WebConnector},
    },
    domain::clock::Clock,
};

use crate::support::{
    line::Bench,
    process::{browsers_on, free_address},
};

/// What only the proxy knows how to reach. Chromium asks no proxy for what is on this machine.
const BEHIND: &str = "http://web.whatsapp.test/";

/// Brings whoever connects to the simulator, whatever they ask for.
async fn forward(client: TcpStream, simulator: SocketAddr) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if client.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let mut server = TcpStream::connect(simulator).await?;
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        server.write_all(head.as_bytes()).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_brings_the_page() {
    let mut bench = Bench::new().await;
    let simulator = bench.simulator.url();
    let simulator: SocketAddr = simulator.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    bench.config.proxy = Some(format!("http://{}", listener.local_addr().unwrap()));
    bench.config.url = BEHIND.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, simulator));
        }
    });
    let mut line = bench.open().await;
    line.until_state(ChannelState::Unpaired).await;
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_said() {
    let mut bench = Bench::new().await;
    bench.config.url = BEHIND.to_owned();
    for scheme in ["http", "socks5"] {
        bench.config.proxy = Some(format!("{scheme}://{}", free_address()));
        let error = bench.try_open().await.unwrap_err();
        assert!(matches!(&error, OpenError::Proxy(fault) if fault.starts_with("net::ERR_")), "{error}");
    }
    assert!(browsers_on(&bench.profile()).is_empty(), "nothing is left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_never_answers_is_given_up() {
    let mut bench = Bench::new().await;
    // Whoever connects waits in the listener's queue.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    (bench.config.url, bench.config.proxy) = (BEHIND.to_owned(), Some(proxy.clone()));
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Unreachable(fault) if fault.ends_with(&proxy)), "{error}");
    assert!(browsers_on(&bench.profile()).is_empty(), "nothing is left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_anybody_answers_is_asked_without_a_browser() {
    let mut bench = Bench::new().await;
    let is_reachable =
        async |config: &WebConfig| WebConnector::new(config.clone(), Clock::system()).is_reachable().await;
    let here = bench.simulator.url();
    let nowhere = format!("http://{}/", free_address());
    for (url, proxy, expected) in [(&here, None, true), (&nowhere, Some(&here), true), (&here, Some(&nowhere), false)] {
        (bench.config.url, bench.config.proxy) = (url.clone(), proxy.cloned());
        assert_eq!(is_reachable(&bench.config).await, expected, "{url} {proxy:?}");
    }
}
