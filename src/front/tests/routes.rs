//! The routes, and what a request that is refused is still good for.

use super::*;

#[tokio::test]
async fn the_routes_reach_the_service() {
    let house = house(Office::default(), Limits::default()).await;
    let answer = house.raw(&pay("Prefer: wait=3\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("location: /v1/payments/1\r\n") && answer.contains("idempotent-replayed: true\r\n"));
    assert!(answer.ends_with("agency payment.pay 0190f3a0-7e5c-7000-8000-0123456789ab 2 Some(3)"), "{answer}");
    let mut stream = house.agency().await;
    for (request, expected) in [
        (get("/v1/payments/0190-a"), "Payments 0190-a"),
        (get("/v1/messages/0190-a"), "All 0190-a"),
        (get("/v1/payments?bank=abc"), "Payments Some(\"abc\")"),
        (get("/v1/messages?bank=abc"), "All Some(\"abc\")"),
        (get("/v1/health"), "{}"),
        ("POST /v1/payments/7/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".into(), "asked 7"),
    ] {
        let answer = talk(&mut stream, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(expected), "{answer}");
    }
    for (request, expected) in [
        (get("/v1/nothing"), (404, "not-found")),
        (get("/v1/payments/a_b"), (404, "not-found")),
        (get("/v1/payments/7/query"), (405, "method-not-allowed")),
        (get("/v1/cards/query"), (405, "method-not-allowed")),
        (get("/v1/payments?operation=card.query"), (400, "request-malformed")),
        (get("/v1/health?x=1"), (400, "request-malformed")),
        (get("/v1/payments?page=1"), (400, "request-malformed")),
    ] {
        let (status, code) = verdict(&talk(&mut stream, &request).await);
        assert_eq!((status, code.as_str()), expected, "{request}");
    }
}

#[tokio::test]
async fn problems_are_said_in_the_asked_language() {
    let house = house(Office::default(), Limits::default()).await;
    let ask = |lang: &str| format!("GET /v1/none HTTP/1.1\r\nHost: localhost\r\nAccept-Language: {lang}\r\n\r\n");
    let english = house.raw(&ask("en")).await;
    assert!(english.contains("content-language: en\r\n") && english.contains("\"title\":\"not found\""), "{english}");
    assert!(english.contains("content-type: application/problem+json\r\n"));
    let chinese = house.raw(&ask("zh-CN")).await;
    assert!(chinese.contains("content-language: zh\r\n") && chinese.contains("\"title\":\"未找到\""), "{chinese}");
}

#[tokio::test]
async fn http2_works_and_its_host_is_checked_too() {
    let house = house(Office::default(), Limits::default()).await;
    let stream = house.connect(&house.leaf("agency"), b"h2").await;
    let (mut sender, driver) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(driver);
    let request = || {
        http::Request::post("https://localhost/v1/payments")
            .header("idempotency-key", "0190f3a0-7e5c-7000-8000-0123456789ab")
            .header("content-type", "application/json")
    };
    let body = || Full::new(Bytes::from_static(b"{}"));
    let answer = sender.send_request(request().body(body()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 202);
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(text.ends_with(b" 2 None"), "{text:?}");
    let other = request().header("host", "elsewhere").body(body()).unwrap();
    assert_eq!(sender.send_request(other).await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_fault_before_anything_is_known_is_no_success_and_the_key_is_asked() {
    let house = house(Office { panic: true, ..Office::default() }, Limits::default()).await;
    let answer = house.raw(&pay("")).await;
    assert_eq!(verdict(&answer), (500, "internal".into()));
    assert_eq!(
        house.turned_away(),
        [(Code::Internal, Some((Operation::PaymentPay, vec![THE_KEY.to_owned()], Some("{}".into()))))]
    );
}

#[tokio::test]
async fn a_fault_in_asking_is_answered_with_where_the_payment_stands() {
    let house = house(Office { panic: true, ..Office::default() }, Limits::default()).await;
    let ask = "POST /v1/payments/7/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    let answer = house.raw(ask).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nPayments 7"),
        "a send may have begun: {answer}"
    );
}

#[tokio::test]
async fn whatever_refuses_an_offer_has_its_key_looked_up() {
    let house = house(Office::default(), quick()).await;
    let offered = |keys: &[&str], body: Option<&str>| {
        Some((
            Operation::PaymentPay,
            keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(),
            body.map(str::to_owned),
        ))
    };
    let start = "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\n";
    let body = "Content-Length: 2\r\n\r\n{}";
    let other = "another-key-0123456789";
    for (request, code, offer) in [
        (format!("{start}{KEY}{body}"), Code::MediaType, offered(&[THE_KEY], Some("{}"))),
        (format!("{start}{JSON}{body}"), Code::KeyMissing, offered(&[], Some("{}"))),
        (
            format!("{start}{KEY}Idempotency-Key: {other}\r\n{JSON}{body}"),
            Code::KeyMalformed,
            offered(&[THE_KEY, other], Some("{}")),
        ),
        (format!("{start}{KEY}{JSON}Content-Length: 101\r\n\r\n"), Code::BodySize, offered(&[THE_KEY], None)),
        (format!("{start}{KEY}{JSON}Content-Length: 9\r\n\r\n{{}}"), Code::BodyTime, offered(&[THE_KEY], None)),
        (format!("{start}Host: b\r\n{KEY}{JSON}{body}"), Code::Request, offered(&[THE_KEY], None)),
        (pay("Transfer-Encoding: chunked\r\n"), Code::Length, offered(&[THE_KEY], None)),
    ] {
        house.raw(&request).await;
        assert_eq!(house.turned_away(), [(code, offer)], "{request}");
    }
    // What is forbidden leaves evidence, also where no payment is offered.
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    talk(&mut reader, &pay("")).await;
    assert_eq!(house.turned_away(), [(Code::Operation, offered(&[THE_KEY], Some("{}")))]);
    let mut stranger = house.connect(&house.leaf("stranger"), b"http/1.1").await;
    talk(&mut stranger, &get("/v1/payments/1")).await;
    assert_eq!(house.turned_away(), [(Code::PartyUnknown, None)]);
    // The rest is nobody's business.
    house.raw(&get("/v1/nothing")).await;
    assert_eq!(house.turned_away(), []);
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn each_operation_is_taken_at_its_own_path() {
    let house = house(Office::default(), Limits::default()).await;
    for (path, operation) in OFFERED {
        let answer = house.raw(&pay("").replace("/v1/payments", path)).await;
        assert!(answer.contains(&format!("agency {} {THE_KEY}", operation.name())), "{path}: {answer}");
        let refused = house.raw(&pay("").replace("/v1/payments", path).replace(KEY, "")).await;
        assert_eq!(verdict(&refused).0, 400, "{path}: {refused}");
        assert_eq!(
            house.turned_away(),
            [(Code::KeyMissing, Some((operation, Vec::new(), Some("{}".into()))))],
            "{path}"
        );
    }
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    let card = pay("").replace("/v1/payments", "/v1/cards/query");
    assert_eq!(verdict(&talk(&mut reader, &card).await), (403, "operation-not-allowed".into()));
}
