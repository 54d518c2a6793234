//! A Socket.IO client, as small as the tests allow: Engine.IO 4 over a WebSocket, the main namespace, text packets.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connected client.
pub struct Socket {
    wire: WebSocketStream<MaybeTlsStream<TcpStream>>,
    acks: u32,
    /// Events that came while something else was waited for.
    heard: Vec<(String, Value)>,
}

impl Socket {
    /// Connects with these headers; the HTTP status if the handshake is refused.
    pub async fn connect(address: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/socket.io/?EIO=4&transport=websocket").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let wire = match connect_async(request).await {
            Ok((wire, _)) => wire,
            Err(Error::Http(response)) => return Err(response.status().as_u16()),
            Err(error) => panic!("no handshake: {error}"),
        };
        let mut socket = Self { wire, acks: 0, heard: Vec::new() };
        assert!(socket.packet().await.unwrap().starts_with('0'), "the handshake opens");
        socket.say("40".to_owned()).await;
        assert!(socket.packet().await.unwrap().starts_with("40"), "the namespace lets in");
        Ok(socket)
    }

    /// Sends an event and gives what it is acknowledged with.
    pub async fn ask(&mut self, event: &str, payload: Value) -> Value {
        self.acks += 1;
        let start = format!("43{}", self.acks);
        self.say(format!("42{}{}", self.acks, json!([event, payload]))).await;
        loop {
            let packet = self.packet().await.expect("the socket stays open");
            match packet.strip_prefix(&start) {
                Some(answer) => return serde_json::from_str::<Value>(answer).unwrap()[0].take(),
                None => self.keep(&packet),
            }
        }
    }

    /// Waits for the next event of this name.
    pub async fn hear(&mut self, event: &str) -> Value {
        loop {
            if let Some(at) = self.heard.iter().position(|(name, _)| name == event) {
                return self.heard.remove(at).1;
            }
            let packet = self.packet().await.unwrap_or_else(|| panic!("the socket closed before {event}"));
            self.keep(&packet);
        }
    }

    /// Whether an event of this name has come by now.
    pub fn has_heard(&self, event: &str) -> bool {
        self.heard.iter().any(|(name, _)| name == event)
    }

    /// Waits until the server closes the socket.
    pub async fn until_closed(&mut self) {
        while self.packet().await.is_some_and(|packet| packet != "41" && packet != "1") {}
    }

    async fn say(&mut self, packet: String) {
        self.wire.send(Message::text(packet)).await.unwrap();
    }

    fn keep(&mut self, packet: &str) {
        if let Some(event) = packet.strip_prefix("42") {
            let mut event: Value = serde_json::from_str(event).unwrap();
            self.heard.push((event[0].as_str().unwrap().to_owned(), event[1].take()));
        }
    }

    /// The next packet that is no heartbeat; none at the end.
    async fn packet(&mut self) -> Option<String> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.wire.next()).await.expect("the server says something");
            match message {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.say("3".to_owned()).await,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}
