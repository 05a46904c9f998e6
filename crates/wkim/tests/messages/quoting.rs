//! Answers, and what became of the message that was answered.

use wk_devserver::DevServer;
use wkim::content::Text;
use wkim::{ChannelId, ContentError, Error};

use crate::common::{Player, client, serve};

#[tokio::test]
async fn an_answer_finds_the_message_it_answers() {
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let question = alice.client.messages().send(&ChannelId::person("bob"), "tea?").await.unwrap();
    let early = alice.client.messages().send(&ChannelId::person("bob"), "?").reply_to(&question).await;
    assert!(matches!(early, Err(Error::Content(ContentError::NotSentYet))), "{early:?}");
    let received = bob.receives("tea?").await;
    let answer =
        bob.client.messages().send(&ChannelId::person("alice"), "yes").reply_to_as(&received, "Alice");
    answer.await.unwrap();
    let answer = alice.receives("yes").await;
    let reply = answer.parse().reply.unwrap();
    let question = question.acked().await.unwrap();
    assert_eq!((reply.message_id(), reply.message_seq()), (question.message_id, question.message_seq()));
    assert_eq!((reply.from_uid(), reply.from_name()), (question.from_uid.clone(), "Alice".to_owned()));
    let quoted = alice.client.messages().quoted(&answer).await.unwrap().unwrap();
    assert_eq!(quoted.payload.content, Text::new("tea?").into());
    assert!(!quoted.revoked && quoted.edited_at.is_none());
    assert_eq!(alice.client.messages().quoted(&question).await.unwrap(), None);
}
