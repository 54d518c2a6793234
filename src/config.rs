//! The settings: the built-in defaults, then a file, then the environment, each over the one before.
//!
//! A key that does not exist, or a value that cannot be understood, is an error that names it and says where it stands.

use std::{
    net::{Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, Deserializer, de::Error as _};

const DEFAULTS: &str = include_str!("../config/default.toml");
const PREFIX: &str = "WHATSMASSIVE__";
/// More numbers than that in one browser save hardly anything more, and all of them start anew when it dies.
const MOST_PER_BROWSER: usize = 32;

/// All settings; `config/default.toml` says what each means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub data: DataConfig,
    pub database: DatabaseConfig,
    pub web: WebConfig,
    pub fleet: FleetConfig,
    pub engine: EngineConfig,
    pub import: ImportConfig,
    pub log: LogConfig,
}

/// `[server]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    pub secure_cookies: bool,
    pub shutdown_seconds: u64,
    pub metrics_token: String,
}

/// `[data]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    pub dir: PathBuf,
}

/// `[database]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: String,
}

/// `[web]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    pub url: String,
    pub chromium: PathBuf,
    /// From 1 to [`MOST_PER_BROWSER`].
    #[serde(deserialize_with = "numbers_per_browser")]
    pub numbers_per_browser: usize,
    pub bridge: PathBuf,
    /// Without name and password, or empty.
    #[serde(deserialize_with = "proxy")]
    pub proxy: String,
}

/// `[fleet]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetConfig {
    pub concurrent_starts: usize,
    pub qr_minutes: u64,
    pub memory_budget_mb: u64,
}

/// `[engine]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    pub max_attempts: u32,
    pub retry_seconds: u64,
}

/// `[import]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportConfig {
    pub max_bytes: u64,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub filter: String,
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line is not there.
    #[error("there is no settings file {}", .0.display())]
    NoFile(PathBuf),
    /// A key or a value is wrong; the text names it and where it stands.
    #[error("wrong setting: {0}")]
    Wrong(#[source] Box<figment::Error>),
}

impl Config {
    /// Reads the settings: defaults, `file`, environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()))
            .merge(Env::prefixed(PREFIX).split("__"))
            .extract()
            .map_err(|error| ConfigError::Wrong(Box::new(error)))
    }

    /// The database's URL: the one set, or SQLite in the data folder.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite:{}", self.data.dir.join("whatsmassive.db").display())
        } else {
            self.database.url.clone()
        }
    }
}

fn numbers_per_browser<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let numbers = usize::deserialize(deserializer)?;
    if (1..=MOST_PER_BROWSER).contains(&numbers) {
        return Ok(numbers);
    }
    let range = format!("1, a browser for each number, up to {MOST_PER_BROWSER} numbers that share one");
    Err(D::Error::invalid_value(serde::de::Unexpected::Unsigned(numbers as u64), &range.as_str()))
}

fn proxy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read_proxy(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// A proxy as Chromium's command line takes it, or nothing. An error does not repeat it: it may hold a password, and ends in a log.
fn read_proxy(text: &str) -> Result<String, &'static str> {
    const FORM: &str = "a proxy is http://HOST:PORT, https://HOST:PORT, socks4://HOST:PORT or socks5://HOST:PORT";
    const SECRET: &str = "a proxy cannot have a name and a password here, because Chromium takes none on its command line: let it know \
                          this server by its address, or run one on this machine that adds them";
    if text.contains('@') {
        return Err(SECRET);
    }
    let text = text.strip_suffix('/').unwrap_or(text);
    if text.is_empty() {
        return Ok(String::new());
    }
    let (scheme, place) = text.split_once("://").ok_or(FORM)?;
    let (host, port) = place.rsplit_once(':').ok_or(FORM)?;
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match v6 {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter)),
    };
    let is_port = port.chars().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_scheme = ["http", "https", "socks4", "socks5"].contains(&scheme);
    if is_scheme && is_host && is_port { Ok(text.to_owned()) } else { Err(FORM) }
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token.
        f.debug_struct("ServerConfig").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.write_str("DatabaseConfig")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Config::load(Some(file.path()))
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = Config::load(None).unwrap();
        assert_eq!(config.server.listen.port(), 8080);
        assert!(config.database_url().starts_with("sqlite:"));
    }

    #[test]
    fn a_million_debtors_may_come_in_by_default() {
        // `benches/import.rs` writes a million of them in 76 MB; real files have more columns.
        assert!(Config::load(None).unwrap().import.max_bytes >= 2 * 76_000_000);
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let config = load("[server]\nlisten = \"0.0.0.0:9999\"").unwrap();
        assert_eq!(config.server.listen.port(), 9999);
        assert_eq!(config.server.shutdown_seconds, 25);
    }

    #[test]
    fn a_proxy_is_checked_and_its_password_is_not_repeated() {
        for good in ["", "http://proxy.example:3128", "socks5://10.0.0.1:1080", "https://[2001:db8::1]:443"] {
            assert_eq!(load(&format!("[web]\nproxy = \"{good}\"")).unwrap().web.proxy, good);
        }
        assert_eq!(load("[web]\nproxy = \"http://proxy:3128/\"").unwrap().web.proxy, "http://proxy:3128");
        for bad in ["proxy:3128", "ftp://proxy:1", "http://proxy", "http://proxy:0", "http://:1", "http://a b:1"] {
            let fault = load(&format!("[web]\nproxy = \"{bad}\"")).unwrap_err().to_string();
            assert!(fault.contains("a proxy is http://HOST:PORT") && fault.contains("web.proxy"), "{fault}");
        }
        let fault = load("[web]\nproxy = \"http://ana:secret@proxy:3128\"").unwrap_err();
        assert!(fault.to_string().contains("Chromium takes none"), "{fault}");
        assert!(!format!("{fault} {fault:?}").contains("secret"), "{fault:?}");
    }

    #[test]
    fn numbers_share_a_browser_within_bounds() {
        assert_eq!(Config::load(None).unwrap().web.numbers_per_browser, 1);
        assert_eq!(load("[web]\nnumbers_per_browser = 8").unwrap().web.numbers_per_browser, 8);
        for bad in ["0", "33", "-1", "\"many\""] {
            let fault = load(&format!("[web]\nnumbers_per_browser = {bad}")).unwrap_err().to_string();
            assert!(fault.contains("web.numbers_per_browser"), "{fault}");
        }
        let fault = load("[web]\nnumbers_per_browser = 33").unwrap_err().to_string();
        assert!(fault.contains("1, a browser for each number, up to 32"), "{fault}");
    }

    #[test]
    fn a_wrong_key_or_value_is_named() {
        let unknown = load("[server]\nlissten = \"0.0.0.0:9999\"").unwrap_err().to_string();
        assert!(unknown.contains("lissten"), "{unknown}");
        let wrong = load("[engine]\nmax_attempts = \"many\"").unwrap_err().to_string();
        assert!(wrong.contains("engine.max_attempts"), "{wrong}");
    }
}
