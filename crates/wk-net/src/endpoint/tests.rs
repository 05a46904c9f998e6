//! Tests of endpoints: what is read, what is refused and why.

use super::*;

#[test]
fn names_and_addresses_of_both_families_round_trip() {
    for (text, transport, host, port, path) in [
        ("im.example.com:5100", Transport::Tcp, "im.example.com", 5100, "/"),
        ("127.0.0.1:1", Transport::Tcp, "127.0.0.1", 1, "/"),
        ("[::1]:65535", Transport::Tcp, "::1", 65535, "/"),
        ("[fe80::1%eth0]:5100", Transport::Tcp, "fe80::1%eth0", 5100, "/"),
        ("我.example:5100", Transport::Tcp, "我.example", 5100, "/"),
        ("under_score:5100", Transport::Tcp, "under_score", 5100, "/"),
        ("tls://im.example.com:5110", Transport::Tls, "im.example.com", 5110, "/"),
        ("ws://[::1]:5200", Transport::Ws, "::1", 5200, "/"),
        ("ws://h:5200/im?a=b", Transport::Ws, "h", 5200, "/im?a=b"),
        ("wss://h:443/a/b", Transport::Wss, "h", 443, "/a/b"),
    ] {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!((endpoint.transport(), endpoint.host(), endpoint.port()), (transport, host, port));
        assert_eq!((endpoint.path(), endpoint.to_string().as_str()), (path, text));
    }
}

#[test]
fn what_may_be_left_out_is_filled_in() {
    for (text, full) in [
        ("tcp://h:5100", "h:5100"),
        ("tcp://h:5100/", "h:5100"),
        ("TLS://h:1", "tls://h:1"),
        ("ws://h", "ws://h:80"),
        ("ws://h/", "ws://h:80"),
        ("ws://h?token=x", "ws://h:80/?token=x"),
        ("wss://h/im", "wss://h:443/im"),
        ("wss://[::1]", "wss://[::1]:443"),
    ] {
        assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), full, "{text}");
    }
}

#[test]
fn every_wrong_text_is_refused_with_its_own_error() {
    use EndpointError as E;
    let cases: [(&str, Flaw); 36] = [
        ("", E::MissingPort),
        ("localhost", E::MissingPort),
        ("localhost:", E::MissingPort),
        ("tcp://localhost", E::MissingPort),
        ("tls://localhost/", E::MissingPort),
        ("ws://localhost:", E::MissingPort),
        ("[::1]", E::MissingPort),
        ("[::1]5100", E::MissingPort),
        (":5100", E::EmptyHost),
        ("ws://", E::EmptyHost),
        ("wss://:443", E::EmptyHost),
        ("localhost:0", E::BadPort),
        ("localhost:65536", E::BadPort),
        ("localhost:+5100", E::BadPort),
        ("localhost:-1", E::BadPort),
        ("localhost:51 ", E::BadPort),
        ("localhost:http", E::BadPort),
        ("[::1]:x", E::BadPort),
        ("localhost:5100/ws", E::BadPort),
        ("ws://h:52x0/ws", E::BadPort),
        ("::1", E::MissingBrackets),
        ("::1:5100", E::MissingBrackets),
        ("ws://::1", E::MissingBrackets),
        ("1:2:3:4:5:6:7:8:5100", E::MissingBrackets),
        ("[localhost]:5100", E::BadHost),
        ("[1:2:3]:5100", E::BadHost),
        (" localhost:5100", E::BadHost),
        ("user@localhost:5100", E::BadHost),
        ("wss://user:secret@localhost", E::BadPort),
        ("[:5100", E::BadHost),
        ("http://localhost:80", E::UnknownScheme),
        ("://localhost:80", E::UnknownScheme),
        ("tcp://h:1/path", E::BadPath),
        ("ws://h:1/a b", E::BadPath),
        ("ws://h:1/a\r\nx: y", E::BadPath),
        ("ws://h:1/#top", E::BadPath),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<Endpoint>(), Err(error(text.to_owned())), "{text:?}");
    }
}

#[test]
fn parts_are_checked_like_text() {
    assert_eq!(Endpoint::new("", 1), Err(EndpointError::EmptyHost(":1".to_owned())));
    assert_eq!(Endpoint::new("h", 0), Err(EndpointError::BadPort("h:0".to_owned())));
    assert_eq!(Endpoint::new("[::1]", 1), Err(EndpointError::BadHost("[[::1]]:1".to_owned())));
    let address: SocketAddr = "[::1]:5100".parse().unwrap();
    assert_eq!(Endpoint::from(address).to_string(), "[::1]:5100");
    assert_eq!(Endpoint::from(address).over(Transport::Wss).to_string(), "wss://[::1]:5100");
}
