//! An image that is uploaded before it is sent, with its progress, a pause, and a file store of the application's own.
//!
//! `cargo run -p wkim --example image_upload`

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use wk_devserver::DevServer;
use wkim::content::{BuiltIn, Content, Image, parse_payload};
use wkim::model::JsonObject;
use wkim::{
    ChannelId, Client, ClientMsgNo, MessageEvent, ProgressReporter, SourceError, UploadRequest, Uploader,
};

/// Bytes that go out at once.
const CHUNK: usize = 64 * 1024;

/// The application's file store. A real one would `PUT` each chunk; this one keeps them in memory.
#[derive(Default)]
struct FileStore {
    /// By the message's number, so that an upload goes on where it was.
    parts: Mutex<HashMap<ClientMsgNo, Vec<u8>>>,
}

#[async_trait]
impl Uploader for FileStore {
    async fn upload(
        &self,
        request: &UploadRequest,
        progress: &ProgressReporter,
    ) -> Result<Bytes, SourceError> {
        let message = &request.message;
        let mut parsed = message.parse();
        let path = parsed.keys.text(JsonObject::LOCAL_PATH).unwrap_or_default();
        let unreadable = |error: std::io::Error| SourceError::Malformed(error.to_string());
        let file = std::fs::read(&path).map_err(unreadable)?;
        loop {
            let done = {
                let mut parts =
                    self.parts.lock().map_err(|error| SourceError::Unreachable(error.to_string()))?;
                let stored = parts.entry(message.client_msg_no.clone()).or_default();
                let rest = file.get(stored.len()..).unwrap_or_default();
                stored.extend(rest.iter().take(CHUNK));
                stored.len()
            };
            progress.report(done as u64, file.len() as u64);
            if done >= file.len() {
                break;
            }
            // Where a real store awaits the network, it may be paused and dropped.
            tokio::task::yield_now().await;
        }
        if let Content::Image(image) = &mut parsed.content {
            image.url = format!("https://files.example.org/{}.png", message.client_msg_no);
        }
        parsed.to_payload().ok_or_else(|| SourceError::Malformed("the draft is no JSON".to_owned()))
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cat.png");
    std::fs::write(&path, vec![7; 10 * CHUNK])?;

    let address = server.tcp_addr().to_string();
    let builder = Client::builder("alice").server(&address).uploader(Arc::new(FileStore::default()));
    let (alice, runner) = builder.build()?;
    runner.spawn();
    let (bob, runner) = Client::builder("bob").server(&address).build()?;
    runner.spawn();
    let mut arrives = bob.messages().events();
    alice.connection().login().await?;
    bob.connection().login().await?;

    let image = Image::new("", 640, 480); // its address comes from the upload
    let path = path.to_string_lossy();
    let handle = alice.messages().send(&ChannelId::person("bob"), image).upload(path).await?;
    let mut progress = alice.media().progress(&handle);
    while let Some(now) = progress.next().await? {
        println!("{:3.0} %", now.fraction() * 100.0);
    }
    let sent = handle.acked().await?;

    loop {
        if let MessageEvent::New { messages, .. } = arrives.next().await? {
            let Some(message) = messages.first() else { continue };
            let image = Image::read(&parse_payload(&message.payload).keys);
            println!("bob sees {} ({} x {})", image.url, image.width, image.height);
            // No path of alice's device leaves it.
            return if message.payload == sent.payload { Ok(()) } else { Err("another image".into()) };
        }
    }
}
