//! How much one may have, and how long one may take.

use super::*;

#[tokio::test]
async fn slow_clients_are_cut_off() {
    let house = house(Office::default(), quick()).await;
    let closed_within = |mut socket: TcpStream| async move {
        let mut sink = Vec::new();
        tokio::time::timeout(Duration::from_secs(2), socket.read_to_end(&mut sink)).await.is_ok()
    };
    assert!(closed_within(TcpStream::connect(house.address).await.unwrap()).await, "no handshake");
    for (alpn, bytes) in [
        (b"http/1.1".as_slice(), "".as_bytes()),
        (b"http/1.1", b"GET /v1/health HTTP/1.1\r\nHost: loc"),
        (b"h2", b""),
        (b"h2", b"PRI * HTTP/2.0\r\n"),
        (b"h2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    ] {
        let mut stream = house.connect(&house.leaf("agency"), alpn).await;
        stream.write_all(bytes).await.unwrap();
        let mut sink = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut sink)).await;
        assert!(ended.is_ok(), "{}: {bytes:?}", String::from_utf8_lossy(alpn));
    }
}

#[tokio::test]
async fn a_party_has_so_many_connections_and_no_more() {
    let house = house(Office::default(), Limits { connections_per_party: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (house.agency().await, house.agency().await);
    for stream in [&mut first, &mut second] {
        assert_eq!(verdict(&talk(stream, &get("/v1/health")).await).0, 200);
    }
    let mut third = house.agency().await;
    drop(third.write_all(get("/v1/health").as_bytes()).await);
    assert_eq!(listen(&mut third).await, (String::new(), true));
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/health")).await).0, 200, "another party has its own");
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/health")).await).0, 200, "a place is free again");
}

#[tokio::test]
async fn a_party_that_asks_too_often_is_told_to_slow_down() {
    let house = house(Office::default(), Limits { requests_per_second: 5, ..Limits::default() }).await;
    let mut stream = house.agency().await;
    let answers = talk(&mut stream, &get("/v1/health").repeat(20)).await;
    let count = |what: &str| answers.matches(what).count();
    assert_eq!((count("HTTP/1.1 200 "), count("HTTP/1.1 429 ")), (5, 15), "{answers}");
    assert_eq!(
        (count("retry-after: "), count("too-many-requests"), count("kuimen-accepted")),
        (15, 30, 0),
        "{answers}"
    );
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/health")).await).0, 200, "another party has its own pace");
}

#[tokio::test]
async fn so_many_requests_are_under_way_and_no_more() {
    let limits = Limits { requests: 1, ..Limits::default() };
    let house = house(Office { hold: true, ..Office::default() }, limits).await;
    let mut busy = house.agency().await;
    busy.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..2 {
        let refused = house.raw(&pay("")).await;
        assert_eq!(verdict(&refused), (503, "unavailable".into()));
        assert!(refused.contains("retry-after: ") && !refused.contains("kuimen-accepted"), "nobody looked: {refused}");
    }
    assert_eq!(house.turned_away(), []);
    // Who hangs up takes his request with him, but not the work.
    drop(busy);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/payments/1")).await).0, 503);
    house.office.go.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/payments/1")).await).0, 200);
}

#[tokio::test]
async fn a_silent_host_leaves_room_for_others_and_a_handshake_ends_its_count() {
    let limits = Limits { handshakes: 3, handshakes_per_address: 2, ..Limits::default() };
    let house = house(Office::default(), limits).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        silent.push(socket.connect(house.address).await.unwrap());
    }
    // Each of these is done shaking hands, so that none of them stands in another's way.
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut stream = house.agency().await;
        assert_eq!(verdict(&talk(&mut stream, &get("/v1/health")).await).0, 200);
        open.push(stream);
    }
}

#[tokio::test]
async fn whoever_connects_and_says_nothing_keeps_nobody_else_out() {
    let limits = Limits { connections: 8, handshakes: 4, handshakes_per_address: 4, ..Limits::default() };
    let house = house(Office::default(), limits).await;
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(house.address).await.unwrap());
    }
    // Four of them are listened to for as long as a handshake may take; the others are hung up on at once.
    let mut gone = 0;
    for stream in &mut silent {
        let read = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut [0; 1])).await;
        gone += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert_eq!(gone, 12);
    drop(silent);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(verdict(&house.raw(&get("/v1/health")).await).0, 200);
}
