//! Uploads with an uploader of the application's: progress, pause, cancel, and a restart in the middle.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use common::{PATIENCE, Player, client, client_on, serve};
use tokio::sync::{Mutex, mpsc};
use wk_devserver::DevServer;
use wkim::content::Image;
use wkim::{
    ChannelId, ClientMsgNo, Error, Event, Message, MessageStatus, NotSent, ProgressReporter, QueryError,
    SendHandle, SourceError, UploadProgress, UploadRequest, UploadWatch, Uploader,
};

/// An uploader whose every step a test allows.
struct Stepwise {
    steps: Mutex<mpsc::UnboundedReceiver<Step>>,
    heard: mpsc::UnboundedSender<Heard>,
}

#[derive(Debug)]
enum Step {
    Progress(u64, u64),
    Done,
    Fail(SourceError),
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Began(ClientMsgNo),
    Dropped,
}

/// The test's side of it.
struct Hands {
    steps: mpsc::UnboundedSender<Step>,
    heard: mpsc::UnboundedReceiver<Heard>,
}

fn stepwise() -> (Arc<Stepwise>, Hands) {
    let (steps, allowed) = mpsc::unbounded_channel();
    let (heard, hears) = mpsc::unbounded_channel();
    (Arc::new(Stepwise { steps: Mutex::new(allowed), heard }), Hands { steps, heard: hears })
}

impl Hands {
    fn step(&self, step: Step) {
        self.steps.send(step).expect("the uploader is there");
    }

    async fn hears(&mut self) -> Heard {
        tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("nothing happened").unwrap()
    }

    async fn begins(&mut self, message: &Message) {
        assert_eq!(self.hears().await, Heard::Began(message.client_msg_no.clone()));
    }
}

struct TellDropped<'a>(Option<&'a mpsc::UnboundedSender<Heard>>);

impl Drop for TellDropped<'_> {
    fn drop(&mut self) {
        if let Some(heard) = self.0 {
            heard.send(Heard::Dropped).ok();
        }
    }
}

#[async_trait]
impl Uploader for Stepwise {
    async fn upload(
        &self,
        request: &UploadRequest,
        progress: &ProgressReporter,
    ) -> Result<Bytes, SourceError> {
        self.heard.send(Heard::Began(request.message.client_msg_no.clone())).ok();
        let mut guard = TellDropped(Some(&self.heard));
        let mut steps = self.steps.lock().await;
        loop {
            match steps.recv().await.unwrap() {
                Step::Progress(done, total) => progress.report(done, total),
                Step::Done => {
                    guard.0 = None;
                    let draft = String::from_utf8(request.message.payload.to_vec()).unwrap();
                    return Ok(draft.replace(r#""url":"""#, r#""url":"https://files.example.org/1""#).into());
                }
                Step::Fail(error) => {
                    guard.0 = None;
                    return Err(error);
                }
            }
        }
    }
}

async fn send_image(player: &Player) -> SendHandle {
    let image = Image::new("", 100, 80);
    player.client.messages().send(&ChannelId::person("bob"), image).upload("/cat.png").await.unwrap()
}

async fn next(watch: &mut UploadWatch) -> Option<UploadProgress> {
    tokio::time::timeout(PATIENCE, watch.next()).await.expect("no progress").unwrap()
}

#[tokio::test]
async fn an_upload_tells_how_far_it_is_is_paused_and_goes_on() {
    let server = serve(DevServer::builder()).await;
    let (uploader, mut hands) = stepwise();
    let alice = Player::login(client(&server, "alice").uploader(uploader)).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let handle = send_image(&alice).await;
    let media = alice.client.media();
    let mut watch = media.progress(&handle);
    hands.begins(&handle).await;
    hands.step(Step::Progress(10, 40));
    assert_eq!(next(&mut watch).await, Some(UploadProgress::new(10, 40)));
    let uploads = media.uploads().await.unwrap();
    assert_eq!((uploads.len(), &uploads[0].message), (1, &*handle));
    assert_eq!(uploads[0].progress.map(|progress| progress.fraction()), Some(0.25));
    media.pause(&handle).await.unwrap();
    assert_eq!(hands.hears().await, Heard::Dropped);
    // Others are not held up, and what was done is still shown.
    let text = alice.client.messages().send(&ChannelId::person("carol"), "hi").await.unwrap();
    text.acked().await.unwrap();
    assert_eq!(media.uploads().await.unwrap()[0].progress, Some(UploadProgress::new(10, 40)));
    media.resume(&handle).await.unwrap();
    hands.begins(&handle).await;
    hands.step(Step::Progress(30, 40));
    assert_eq!(next(&mut watch).await, Some(UploadProgress::new(30, 40)));
    hands.step(Step::Progress(40, 40));
    hands.step(Step::Done);
    let sent = handle.acked().await.unwrap();
    assert_eq!(next(&mut watch).await, Some(UploadProgress::new(40, 40)), "the last word is not lost");
    assert_eq!(next(&mut watch).await, None);
    drop(watch);
    assert_eq!(next(&mut media.progress(&handle)).await, None, "it is over");
    assert_eq!(media.uploads().await.unwrap(), []);
    let received = bob
        .until(|event| match event {
            Event::Messages { messages, .. } => messages.into_iter().next(),
            _ => None,
        })
        .await;
    assert_eq!(received.payload, sent.payload);
    assert!(!String::from_utf8_lossy(&received.payload).contains("/cat.png"));
    let refused = media.pause(&handle).await;
    assert!(matches!(refused, Err(Error::Query(QueryError::NotWaiting))), "{refused:?}");
}

#[tokio::test]
async fn an_upload_is_cancelled_and_begun_anew() {
    let server = serve(DevServer::builder()).await;
    let (uploader, mut hands) = stepwise();
    let alice = Player::login(client(&server, "alice").uploader(uploader)).await;
    let handle = send_image(&alice).await;
    let mut watch = alice.client.media().progress(&handle);
    hands.begins(&handle).await;
    handle.cancel().await.unwrap();
    assert_eq!(hands.hears().await, Heard::Dropped);
    assert_eq!(next(&mut watch).await, None);
    let given_up = handle.acked().await;
    let not_uploaded = MessageStatus::NotUploaded;
    assert!(matches!(&given_up, Err(NotSent::GivenUp { status }) if *status == not_uploaded), "{given_up:?}");
    handle.retry().await.unwrap();
    hands.begins(&handle).await;
    hands.step(Step::Fail(SourceError::Refused { status: 413, message: "too large".into() }));
    let given_up = handle.acked().await;
    assert!(matches!(&given_up, Err(NotSent::GivenUp { status }) if *status == not_uploaded), "{given_up:?}");
    handle.retry().await.unwrap();
    hands.begins(&handle).await;
    hands.step(Step::Done);
    assert_eq!(handle.acked().await.unwrap().client_msg_no, handle.client_msg_no);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_even_if_it_was_paused() {
    let server = serve(DevServer::builder()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let (uploader, mut hands) = stepwise();
    let alice = Player::start(client_on(&server, "alice", &file).uploader(uploader));
    let message = send_image(&alice).await.into_message();
    hands.begins(&message).await;
    alice.client.media().pause(&message).await.unwrap();
    alice.runner.kill().await;
    drop(alice.client);
    let (uploader, mut hands) = stepwise();
    let mut alice = Player::login(client_on(&server, "alice", &file).uploader(uploader)).await;
    hands.begins(&message).await;
    assert_eq!(alice.client.media().uploads().await.unwrap()[0].message, message);
    hands.step(Step::Done);
    let number = message.client_msg_no.clone();
    let sent = alice
        .until(|event| match event {
            Event::Refreshed(told) if told.client_msg_no == number => {
                (told.status == MessageStatus::Sent).then_some(told)
            }
            _ => None,
        })
        .await;
    assert_eq!(sent.message_seq().get(), 1);
}
