//! A server that answers as it is told, and the recordings it can replay.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(unreachable_pub, reason = "a module of a test binary")]

use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wk_http::HttpSource;

/// What the server does with a connection.
pub enum Answer {
    /// Writes these bytes and closes.
    Bytes(Vec<u8>),
    /// Closes without a word after the request.
    Close,
    /// Writes these bytes and says nothing more, but keeps the connection.
    Stall(Vec<u8>),
}

impl Answer {
    pub fn new(status: u16, headers: &str, body: &[u8]) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Whatever\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::new(status, "content-type: application/json; charset=utf-8\r\n", body.as_bytes())
    }
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// Lower-case names and values, one line each.
    pub headers: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn json(&self) -> Value {
        assert!(self.headers.contains("content-type: application/json\n"), "{}", self.headers);
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Serves one answer per connection, then refuses connections.
pub struct Server {
    pub base: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let answers: Vec<_> = answers.into_iter().collect();
        tokio::spawn(async move {
            let mut stalled = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                match answer {
                    Answer::Bytes(bytes) => {
                        // The client may hang up in the middle, when it has seen enough.
                        let _ = stream.write_all(&bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    Answer::Close => drop(stream),
                    Answer::Stall(bytes) => {
                        stream.write_all(&bytes).await.unwrap();
                        stalled.push(stream);
                    }
                }
            }
            drop(listener);
            if !stalled.is_empty() {
                std::future::pending::<()>().await;
            }
        });
        Self { base, requests }
    }

    pub fn source(&self) -> HttpSource {
        HttpSource::builder(&self.base).unwrap().build().unwrap()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The only request.
    pub fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request broke off");
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: String = lines.map(|line| format!("{line}\n")).collect();
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        assert_ne!(stream.read_buf(&mut body).await.unwrap(), 0, "the request broke off");
    }
    assert_eq!(body.len(), length);
    Request { method, target, headers, body }
}

/// One recorded exchange (tests/data/README.md).
#[derive(Debug, Clone, Deserialize)]
pub struct Exchange {
    pub name: String,
    pub method: String,
    pub path: String,
    pub request_body: Value,
    pub status: u16,
    pub response_headers: std::collections::HashMap<String, String>,
    pub response_body_raw: String,
}

impl Exchange {
    pub fn answer(&self) -> Answer {
        let headers: String =
            self.response_headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Answer::new(self.status, &headers, self.response_body_raw.as_bytes())
    }

    pub fn response(&self) -> Value {
        serde_json::from_str(&self.response_body_raw).unwrap()
    }

    /// The request that was made must be the one that was recorded.
    pub fn assert_asked(&self, server: &Server) {
        let request = server.request();
        assert_eq!((&request.method, &request.target), (&self.method, &self.path), "{}", self.name);
        if self.request_body.is_null() {
            assert!(request.body.is_empty(), "{}", self.name);
        } else {
            assert_eq!(request.json(), self.request_body, "{}", self.name);
        }
    }
}

/// All exchanges of a file in tests/data.
pub fn exchanges(file: &str) -> Vec<Exchange> {
    #[derive(Deserialize)]
    struct File {
        exchanges: Vec<Exchange>,
    }
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str::<File>(&text).unwrap().exchanges
}

/// The exchange with this name.
pub fn exchange(file: &str, name: &str) -> Exchange {
    exchanges(file).into_iter().find(|exchange| exchange.name == name).unwrap()
}
