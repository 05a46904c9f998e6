//! Payloads that are written: what stands in them, and what is refused.

use wk_model::{
    Card, Command, ContentError, Entity, EntityKind, File, Gif, Image, JsonObject, Location, PayloadDraft,
    StreamPart, Text, Uid, Video, Voice, image_payload, parse_payload, text_payload,
};

fn written(draft: PayloadDraft) -> String {
    String::from_utf8(draft.build().unwrap().to_vec()).unwrap()
}

#[test]
fn every_content_is_written_with_the_keys_that_others_read() {
    let mut video = Video::new("u");
    (video.cover, video.size, video.width, video.height, video.seconds) = ("c".into(), 9, 4, 3, 2);
    let param = JsonObject::parse(b"{\"n\":1.50}").unwrap();
    for (draft, json) in [
        (PayloadDraft::new(Text::new("hi")), r#"{"type":1,"content":"hi"}"#),
        (PayloadDraft::new(Text::new("")), r#"{"type":1,"content":""}"#),
        (PayloadDraft::new(Text::markdown("*")), r#"{"type":1,"content":"*","format":"markdown"}"#),
        (PayloadDraft::new(Image::new("u", 4, 3)), r#"{"type":2,"url":"u","width":4,"height":3}"#),
        (PayloadDraft::new(Gif::new("u", 4, 3)), r#"{"type":3,"url":"u","width":4,"height":3}"#),
        (PayloadDraft::new(Voice::new("u", 7)), r#"{"type":4,"url":"u","timeTrad":7}"#),
        (
            PayloadDraft::new(Voice::new("u", 7).waveform("AA==")),
            r#"{"type":4,"url":"u","timeTrad":7,"waveform":"AA=="}"#,
        ),
        (
            PayloadDraft::new(video),
            r#"{"type":5,"url":"u","cover":"c","size":9,"width":4,"height":3,"second":2}"#,
        ),
        (
            PayloadDraft::new(Location::new(1.5, -2.25, "here").map("m")),
            r#"{"type":6,"latitude":1.5,"longitude":-2.25,"address":"here","url":"m"}"#,
        ),
        (
            PayloadDraft::new(Card::new("b", "Bob").vercode("v")),
            r#"{"type":7,"uid":"b","name":"Bob","vercode":"v"}"#,
        ),
        (PayloadDraft::new(File::new("u", "n", 5)), r#"{"type":8,"url":"u","name":"n","size":5}"#),
        (PayloadDraft::new(StreamPart::new("s", "你好")), r#"{"type":98,"streamNo":"s","data":"5L2g5aW9"}"#),
        (
            PayloadDraft::new(Command::new("typing", param)),
            r#"{"type":99,"cmd":"typing","param":{"n":1.50}}"#,
        ),
    ] {
        assert_eq!(written(draft), json);
    }
    assert_eq!(text_payload("hi"), r#"{"type":1,"content":"hi"}"#);
    assert_eq!(image_payload("u", 4, 3), r#"{"type":2,"url":"u","width":4,"height":3}"#);
}

#[test]
fn what_stands_beside_a_content_is_written_so_that_every_sdk_reads_it() {
    let text = "\u{1F600} @Bob";
    let at = text.find('@').unwrap();
    let entity = Entity::new(EntityKind::Mention, text, at..text.len(), "bob").unwrap();
    let draft = PayloadDraft::new(Text::new(text))
        .mention([Uid::new("bob")])
        .mention_all()
        .mention([Uid::new("carol")])
        .entities([entity])
        .visibles([Uid::new("bob"), Uid::new("carol")])
        .flame(30)
        .robot("weather")
        .key("order", 42);
    let json = concat!(
        "{\"type\":1,\"content\":\"\u{1F600} @Bob\",\"mention\":{\"uids\":[\"bob\",\"carol\"],\"all\":1},",
        r#""entities":[{"offset":3,"length":4,"type":"mention","value":"bob"}],"visibles":["bob","carol"],"#,
        r#""flame":1,"flame_second":30,"robot_id":"weather","order":42}"#,
    );
    assert_eq!(written(draft), json);
}

#[test]
fn a_key_with_a_meaning_is_no_key_of_the_application() {
    for key in ["type", "mention", "reply", "visibles", "flame", "content", "localPath"] {
        let refused = PayloadDraft::new(Text::new("hi")).key(key, 1).key("fine", 1).build();
        assert_eq!(refused, Err(ContentError::ReservedKey { key: key.to_owned() }));
    }
}

#[test]
fn no_path_of_the_sender_leaves_the_device() {
    let original = parse_payload(
        br#"{"type":5,"url":"u","localPath":"/a","coverLocalPath":"/b","videoLocalPath":"/c","x":[ 1 ]}"#,
    );
    assert_eq!(written(PayloadDraft::copy_of(&original)), r#"{"type":5,"url":"u","x":[ 1 ]}"#);
}

#[test]
fn a_copy_says_what_the_message_said_but_to_nobody_in_particular() {
    let original = parse_payload(
        br#"{"x":1.50,"type":1,"content":"hi","mention":{"all":1},"reply":{"message_id":"7"},"visibles":["bob"],
            "robot_id":"r","flame":1,"flame_second":9,"entities":[{"offset":0,"length":2,"type":"link","value":"v"}]}"#,
    );
    let copy = written(PayloadDraft::copy_of(&original));
    assert_eq!(
        copy,
        r#"{"x":1.50,"type":1,"content":"hi","entities":[{"offset":0,"length":2,"type":"link","value":"v"}]}"#
    );
}
