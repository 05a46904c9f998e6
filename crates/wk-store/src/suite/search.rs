//! Suite: finding messages by what they say.

use wk_model::{
    ChannelId, ContentType, Message, MessageId, SearchHit, SearchQuery, Uid,
    UnixMillis, Visibility, image_payload, text_payload,
};

use super::fixtures::{
    at, group, hidden, insert_all, local_message, server_message, write,
};
use crate::{Store, StoreRead};

/// Long after every message of the suite was written.
const NOW: UnixMillis = UnixMillis::from_secs(1_800_000_000);

pub(super) fn text_message(seq: u64, text: &str) -> Message {
    Message { payload: text_payload(text), ..server_message(&group(), seq) }
}

/// Messages 1, 2, … of the group with these texts.
pub(super) fn fill(store: &mut dyn Store, texts: &[&str]) -> Vec<Message> {
    let numbered = texts.iter().zip(1..).map(|(text, seq)| text_message(seq, text));
    insert_all(store, &numbered.collect::<Vec<_>>())
}

pub(super) fn query(text: &str) -> SearchQuery {
    SearchQuery::new(text, NOW)
}

/// Every hit of a search, page by page.
pub(super) fn every(read: &mut (impl StoreRead + ?Sized), query: &SearchQuery) -> Vec<SearchHit> {
    let mut query = query.clone();
    let mut hits = Vec::new();
    loop {
        let page = read.search_messages(&query).unwrap();
        assert!(page.hits.len() <= query.page_len(), "{query:?}");
        hits.extend(page.hits);
        let Some(next) = page.next else { return hits };
        assert!(query.after.is_none_or(|before| next < before), "no progress: {query:?}");
        query.after = Some(next);
    }
}

/// The seqs of what a search finds: the same before, while and after what was written is indexed.
pub(super) fn found(store: &mut dyn Store, query: &SearchQuery) -> Vec<u64> {
    let before = every(&mut *store.reader().unwrap(), query);
    for limit in [1, u32::MAX] {
        write(store, |tx| tx.index_messages(limit).unwrap());
        assert_eq!(every(&mut *store.reader().unwrap(), query), before, "{query:?}");
    }
    before.iter().map(|hit| hit.message.position.seq.get()).collect()
}

pub(super) fn two_characters_of_chinese_are_found(store: &mut dyn Store) {
    fill(store, &["今天天气很好", "天天向上", "明天下雨", "天 气", "気天", "𠮷野家", "カタカナ", "한국어"]);
    for (text, expected) in [
        ("天气", vec![1]),
        ("今天天气很好", vec![1]),
        ("天天", vec![2, 1]),
        ("天下", vec![3]),
        ("今天气", vec![]),
        ("𠮷野", vec![6]),
        ("タカ", vec![7]),
        ("국어", vec![8]),
        ("很好 今天", vec![1]),
        ("很好 明天", vec![]),
    ] {
        assert_eq!(found(store, &query(text)), expected, "{text}");
    }
}

pub(super) fn one_character_is_found(store: &mut dyn Store) {
    fill(store, &["天气", "今天", "好天气", "早", "a b", "ab", "ba", "1", "😀"]);
    for (text, expected) in [
        ("天", vec![3, 2, 1]),
        ("气", vec![3, 1]),
        ("早", vec![4]),
        ("晚", vec![]),
        ("天 好", vec![3]),
        ("a", vec![6, 5]),
        ("1", vec![8]),
        ("😀", vec![9]),
        ("😁", vec![]),
    ] {
        assert_eq!(found(store, &query(text)), expected, "{text}");
    }
}

pub(super) fn words_are_found_where_they_begin(store: &mut dyn Store) {
    fill(store, &["Hello World", "worldwide", "hello-world", "helloworld", "ÉCOLE", "我的iPhone手机", "v1.2.3", "ＷＫ"]);
    for (text, expected) in [
        ("world", vec![3, 2, 1]),
        ("WORLD hel", vec![3, 1]),
        ("hello-w", vec![3]),
        ("hello-worl", vec![3]),
        ("hel-world", vec![]),
        ("orld", vec![]),
        ("éc", vec![5]),
        ("iphone", vec![6]),
        ("iphone手机", vec![6]),
        ("的iPh", vec![6]),
        ("v1.2", vec![7]),
        ("1.2", vec![]),
        ("2.3", vec![7]),
        ("wk", vec![8]),
    ] {
        assert_eq!(found(store, &query(text)), expected, "{text}");
    }
}

pub(super) fn long_words_are_found(store: &mut dyn Store) {
    let word = "a1b2c3d4e5".repeat(300);
    let chinese = "很长的一句话".repeat(2000);
    fill(store, &[&word, &format!("{word}x"), &chinese, "a1b2c3d4e5"]);
    assert_eq!(found(store, &query(&word)), [2, 1]);
    assert_eq!(found(store, &query(&format!("{word}x"))), [2]);
    assert_eq!(found(store, &query(&format!("{word}."))), [0; 0]);
    assert_eq!(found(store, &query(&chinese)), [3]);
    assert_eq!(found(store, &query("话很长")), [3]);
    let terms: Vec<String> = (0..500).map(|n| format!("t{n}")).collect();
    insert_all(store, &[text_message(9, &terms.join(" "))]);
    assert_eq!(found(store, &query(&terms.join(" "))), [9]);
}

pub(super) fn signs_are_plain_text(store: &mut dyn Store) {
    let signs = [
        "%", "_", "*", "\"", "'", "\"\"", "a*", "\"a\"", "NEAR(a b)", "a AND b", "tokens:a", "^a", "-a", "{a}:b", "a+b",
        "100%", "a_b", "\\", "'; DROP TABLE message; --", "?1", "(", ")", "\0", "。", "……",
    ];
    let texts: Vec<String> = signs.iter().map(|sign| format!("x {sign} y")).collect();
    fill(store, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    for sign in signs {
        let expected: Vec<u64> = (1..=signs.len())
            .rev()
            .filter(|n| sign.split_whitespace().all(|term| has(&texts[n - 1], term)))
            .map(|n| n as u64)
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(found(store, &query(sign)), expected, "{sign}");
    }
    assert_eq!(found(store, &query("\"x")), [0; 0]);
}

/// Whether an ASCII text has a term, at the beginning of a word if the term begins with a letter or digit.
fn has(text: &str, term: &str) -> bool {
    let (text, term) = (text.to_lowercase(), term.to_lowercase());
    let word = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(&term).any(|(at, _)| !term.starts_with(word) || !text.split_at(at).0.ends_with(word))
}

pub(super) fn highlights_are_bytes_of_the_text(store: &mut dyn Store) {
    let stored = fill(store, &["Ünï 天气天气 x", "天"]);
    let hits = every(&mut *store.reader().unwrap(), &query("天气 ün"));
    let [hit] = &hits[..] else { panic!("{hits:?}") };
    assert_eq!((&hit.message, hit.text.as_str()), (&stored[0], "Ünï 天气天气 x"));
    assert_eq!(hit.highlights, [0..3, 6..18]);
}

pub(super) fn hidden_deleted_and_expired_messages_are_not_found(store: &mut dyn Store) {
    let mortal = |seq| Message { expire: 60, timestamp: NOW, ..text_message(seq, "天气") };
    insert_all(
        store,
        &[
            text_message(1, "天气"),
            hidden(text_message(2, "天气")),
            Message { visibility: Visibility::Deleted, ..text_message(3, "天气") },
            mortal(4),
        ],
    );
    assert_eq!(found(store, &query("天气")), [4, 1]);
    let at = |millis| SearchQuery::new("天气", NOW.offset(millis));
    assert_eq!(found(store, &at(59_999)), [4, 1]);
    assert_eq!(found(store, &at(60_000)), [1]);
}

pub(super) fn filters_narrow_a_search(store: &mut dyn Store) {
    let [bob, carol] = ["bob", "carol"].map(Uid::new);
    let from_carol = Message { from_uid: carol.clone(), ..text_message(2, "天气 two") };
    let custom = |seq, content_type: i32| Message {
        content_type: ContentType::new(content_type),
        payload: format!("{{\"type\":{content_type},\"content\":\"天气\"}}").into(),
        ..text_message(seq, "")
    };
    let direct = Message { payload: text_payload("天气"), ..server_message(&ChannelId::person("bob"), 5) };
    insert_all(store, &[text_message(1, "天气"), from_carol, custom(3, 77), custom(4, -5), direct]);
    let all = || query("天气");
    let types = |numbers: &[i32]| all().content_types(numbers.iter().copied().map(ContentType::new));
    let time = |seconds: i64| UnixMillis::from_secs(1_700_000_000 + seconds);
    for (query, expected) in [
        (all(), vec![5, 4, 3, 2, 1]),
        (all().channel(group()), vec![4, 3, 2, 1]),
        (all().channel(ChannelId::person("bob")), vec![5]),
        (all().channel(ChannelId::group("bob")), vec![]),
        (all().from_uid(carol.clone()), vec![2]),
        (all().from_uid(bob.clone()), vec![5, 4, 3, 1]),
        (all().from_uid(Uid::new("nobody")), vec![]),
        (all().channel(group()).from_uid(bob), vec![4, 3, 1]),
        (types(&[1]), vec![5, 2, 1]),
        (types(&[77]), vec![3]),
        (types(&[-5, 77]), vec![4, 3]),
        (types(&[1, 77]), vec![5, 3, 2, 1]),
        (types(&(100..200).collect::<Vec<_>>()), vec![]),
        (all().since(time(2)), vec![5, 4, 3, 2]),
        (all().until(time(2)), vec![1]),
        (all().since(time(2)).until(time(4)).channel(group()), vec![3, 2]),
        (all().since(time(4)).until(time(2)), vec![]),
        (query("天气 two").from_uid(carol), vec![2]),
    ] {
        assert_eq!(found(store, &query), expected, "{query:?}");
    }
}

pub(super) fn empty_text_finds_what_the_filters_leave(store: &mut dyn Store) {
    let image = |seq| Message {
        content_type: ContentType::IMAGE,
        payload: image_payload("http://x/天气.jpg", 1, 1),
        ..text_message(seq, "")
    };
    insert_all(store, &[text_message(1, "天气"), image(2), hidden(image(3)), image(4)]);
    let images = query("").content_types([ContentType::IMAGE]);
    assert_eq!(found(store, &images), [4, 2]);
    assert_eq!(found(store, &images.channel(group()).limit(1)), [4, 2]);
    assert_eq!(found(store, &query(" \n")), [4, 2, 1]);
    assert_eq!(found(store, &query("").channel(ChannelId::group("other"))), [0; 0]);
}

pub(super) fn only_words_of_the_content_are_searched(store: &mut dyn Store) {
    let odd = |seq, payload: &'static str| Message { payload: payload.into(), ..text_message(seq, "") };
    insert_all(
        store,
        &[
            odd(1, "{\"type\":1,\"content\":\"hello\",\"note\":\"secret\"}"),
            odd(2, "{\"type\":2,\"url\":\"http://secret\"}"),
            odd(3, "secret"),
            odd(4, ""),
            odd(5, "{\"type\":77,\"content\":\"\\u5929\\u6c14\",\"x\":\"secret\"}"),
        ],
    );
    for (text, expected) in
        [("secret", vec![]), ("hello", vec![1]), ("天气", vec![5]), ("image", vec![]), ("message", vec![])]
    {
        assert_eq!(found(store, &query(text)), expected, "{text}");
    }
}

pub(super) fn pages_have_every_hit_once_the_newest_first(store: &mut dyn Store) {
    // Older messages arrive later, several share a second, and the channels come in turns.
    let channels = [group(), ChannelId::person("bob"), ChannelId::group("other")];
    let messages: Vec<Message> = (1..=90)
        .map(|n| {
            let text = if n % 4 == 0 { "别的" } else { "天气 weather" };
            Message {
                message_id: MessageId::new(n),
                payload: text_payload(text),
                timestamp: UnixMillis::from_secs(1_700_000_000 - n / 7),
                ..server_message(&channels[n as usize % 3], n as u64)
            }
        })
        .collect();
    let stored = insert_all(store, &messages);
    let mut expected: Vec<&Message> = stored.iter().filter(|message| message.message_id.get() % 4 != 0).collect();
    expected.sort_by_key(|message| std::cmp::Reverse((message.timestamp, message.client_seq)));
    // Half of them are in the index.
    write(store, |tx| tx.index_messages(45).unwrap());
    let mut reader = store.reader().unwrap();
    for text in ["天气", "weather", "天", "w"] {
        for limit in [1, 2, 7, 67, 68, 1000] {
            let hits = every(&mut *reader, &query(text).limit(limit));
            assert!(hits.iter().map(|hit| &hit.message).eq(expected.iter().copied()), "{text} by {limit}");
        }
    }
    for limit in [0, u32::MAX] {
        let page = reader.search_messages(&query("天气").limit(limit)).unwrap();
        assert!((1..=1000).contains(&page.hits.len()), "{limit}");
    }
}

pub(super) fn one_channel_is_searched_in_its_own_order(store: &mut dyn Store) {
    // The times of a channel's messages need not ascend.
    let odd_time = Message { timestamp: UnixMillis::from_secs(1), ..text_message(9, "天气") };
    let local = Message { payload: text_payload("天气"), ..local_message(&group(), 5, 2) };
    let messages = [odd_time, text_message(3, "天气"), local, text_message(5, "天气")];
    insert_all(store, &messages);
    for limit in [1, 2, 20] {
        for text in ["天气", "天"] {
            let hits = every(&mut *store.reader().unwrap(), &query(text).channel(group()).limit(limit));
            let positions: Vec<_> = hits.iter().map(|hit| hit.message.position).collect();
            assert_eq!(positions, [at(9, 0), at(5, 2), at(5, 0), at(3, 0)], "{text} by {limit}");
        }
    }
}

pub(super) fn counts_are_per_channel(store: &mut dyn Store) {
    let bob = ChannelId::person("bob");
    fill(store, &["天气 one", "别的", "天气 two"]);
    let direct = [7, 8].map(|n| Message { payload: text_payload("天气 bob"), ..server_message(&bob, n) });
    insert_all(store, &direct);
    insert_all(store, &[hidden(Message { payload: text_payload("天气"), ..server_message(&bob, 9) })]);
    for text in ["天气", "天"] {
        let counts = store.reader().unwrap().search_counts(&query(text).limit(1)).unwrap();
        assert_eq!(counts.next, None);
        let found: Vec<_> = counts
            .channels
            .iter()
            .map(|hits| (&hits.channel, hits.count, hits.newest.text.as_str(), hits.newest.message.position))
            .collect();
        assert_eq!(found, [(&bob, 2, "天气 bob", at(8, 0)), (&group(), 2, "天气 two", at(3, 0))], "{text}");
    }
    let counts = |query: SearchQuery| {
        let channels = store.reader().unwrap().search_counts(&query).unwrap().channels;
        channels.iter().map(|hits| hits.count).collect::<Vec<_>>()
    };
    assert_eq!(counts(query("天气").channel(group())), [2]);
    assert_eq!(counts(query("two")), [1]);
    assert_eq!(counts(query("three")), [0; 0]);
}
