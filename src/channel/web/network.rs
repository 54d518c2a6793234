//! Whether the network is there, asked without a browser.

use std::time::Duration;

use tokio::{net::TcpStream, time::timeout};

use super::WebConfig;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where Chromium finds a proxy that we were not told of (<https://chromium.googlesource.com/chromium/src/+/main/docs/linux/proxy_config.md>).
const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "all_proxy", "auto_proxy"];

/// Whether anybody answers where pages come from: at the proxy, or else at the page's own server. True where that cannot be told, as with
/// a proxy in the environment.
pub(super) async fn answers(config: &WebConfig) -> bool {
    let is_set = |name: &str| std::env::var_os(name).or_else(|| std::env::var_os(name.to_uppercase())).is_some();
    if config.proxy.is_none() && PROXIES.into_iter().any(is_set) {
        return true;
    }
    match place(config.proxy.as_deref().unwrap_or(&config.url)) {
        Some(place) => matches!(timeout(PATIENCE, TcpStream::connect(place)).await, Ok(Ok(_))),
        None => true,
    }
}

/// `host:port` of an address.
fn place(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match scheme {
        _ if authority.is_empty() || authority.contains('@') => None,
        _ if has_port => Some(authority.to_owned()),
        "http" => Some(format!("{authority}:80")),
        "https" => Some(format!("{authority}:443")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_to_connect() {
        for (url, expected) in [
            ("https://web.whatsapp.com/", Some("web.whatsapp.com:443")),
            ("http://127.0.0.1:9100/?a=b:1", Some("127.0.0.1:9100")),
            ("socks5://[2001:db8::1]:1080", Some("[2001:db8::1]:1080")),
            ("http://[::1]/", Some("[::1]:80")),
            ("file:///page.html", None),
            ("nothing", None),
        ] {
            assert_eq!(place(url).as_deref(), expected, "{url}");
        }
    }
}
