//! Contents of an application's own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use wk_model::{
    Content, ContentError, ContentRegistry, ContentType, CustomContent, PayloadDraft, Text, parse_payload,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Poll {
    question: String,
    #[serde(default)]
    votes: u64,
}

impl CustomContent for Poll {
    const TYPE: ContentType = ContentType::new(3001);

    fn display_text(&self) -> Cow<'_, str> {
        format!("[poll] {}", self.question).into()
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.question).into()
    }
}

#[derive(Serialize, Deserialize)]
struct Greedy {}

impl CustomContent for Greedy {
    const TYPE: ContentType = ContentType::TEXT;

    fn display_text(&self) -> Cow<'_, str> {
        "".into()
    }
}

#[derive(Serialize, Deserialize)]
struct Number(u8);

impl CustomContent for Number {
    const TYPE: ContentType = ContentType::new(3002);

    fn display_text(&self) -> Cow<'_, str> {
        "".into()
    }
}

fn poll() -> Poll {
    Poll { question: "tea?".into(), votes: u64::MAX }
}

#[test]
fn a_content_of_the_application_comes_back_as_it_was() {
    let payload = PayloadDraft::new(poll()).mention_all().build().unwrap();
    assert_eq!(
        payload,
        r#"{"type":3001,"question":"tea?","votes":18446744073709551615,"content":"tea?","mention":{"all":1}}"#
    );
    let parsed = parse_payload(&payload);
    assert_eq!(parsed.decode::<Poll>(), Ok(poll()));
    assert!(matches!(parsed.content, Content::Custom(_)));
    assert_eq!(parsed.content.searchable_text(), "tea?", "by who does not know it");
}

#[test]
fn a_change_keeps_what_the_application_does_not_know() {
    let mut parsed =
        parse_payload(br#"{"newer":[ 1.50 ],"type":3001,"question":"tea?","votes":1,"content":"tea?"}"#);
    let mut poll: Poll = parsed.decode().unwrap();
    poll.votes += 1;
    poll.question = "coffee?".into();
    parsed.update(&poll).unwrap();
    assert_eq!(
        parsed.to_payload().unwrap(),
        r#"{"newer":[ 1.50 ],"type":3001,"question":"coffee?","votes":2,"content":"coffee?"}"#
    );
}

#[test]
fn what_does_not_fit_is_refused_with_its_number() {
    let reserved = ContentError::ReservedType { content_type: ContentType::TEXT };
    assert_eq!(PayloadDraft::new(Greedy {}).build(), Err(reserved.clone()));
    assert_eq!(ContentRegistry::new().register::<Greedy>(), Err(reserved.clone()));
    assert_eq!(
        reserved.to_string(),
        "content type 1 is reserved; an application's own content takes a number outside 0 to 8, 11, 97 to 99 and \
         1000 to 2000"
    );
    assert!(matches!(PayloadDraft::new(Number(7)).build(), Err(ContentError::NotAnObject { .. })));
    let text = parse_payload(&PayloadDraft::new(Text::new("hi")).build().unwrap());
    let other = ContentError::OtherType { wanted: Poll::TYPE, found: ContentType::TEXT };
    assert_eq!(text.decode::<Poll>(), Err(other.clone()));
    assert_eq!(text.clone().update(&poll()), Err(other));
    let odd = parse_payload(br#"{"type":3001,"question":7}"#);
    assert!(matches!(odd.decode::<Poll>(), Err(ContentError::Unreadable { .. })));
}

#[test]
fn a_registry_knows_the_words_of_every_content() {
    let mut registry = ContentRegistry::new();
    registry.register::<Poll>().unwrap();
    let twice = ContentError::RegisteredTwice { content_type: Poll::TYPE };
    assert_eq!(registry.register::<Poll>(), Err(twice));
    for (payload, display) in [
        (r#"{"type":3001,"question":"tea?"}"#, "[poll] tea?"),
        (r#"{"type":3001,"question":7,"content":"a poll"}"#, "a poll"),
        (r#"{"type":3003,"content":"other"}"#, "other"),
        (r#"{"type":1,"content":"text"}"#, "text"),
        (r#"{"type":2}"#, "[image]"),
    ] {
        assert_eq!(registry.display_text(&parse_payload(payload.as_bytes())), display);
    }
}
