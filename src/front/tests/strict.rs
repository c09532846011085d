//! What the strict layer refuses.

use super::*;

#[tokio::test]
async fn the_strict_layer_refuses_what_hyper_lets_pass() {
    let house = house(Office::default(), quick()).await;
    let body = "Content-Length: 2\r\n\r\n{}";
    let key2 = "Idempotency-Key: abcdefghijklmnopqrstuvwxyz\r\n";
    let post = "POST /v1/payments HTTP/1.1\r\n";
    let host = "Host: localhost\r\n";
    for (request, status, code) in [
        (format!("{post}{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}{host}Host: other\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}{host}{host}{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}Host: a b\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("{post}Host:\r\n{KEY}{JSON}{body}"), 400, "request-malformed"),
        (format!("CONNECT localhost:443 HTTP/1.1\r\n{host}\r\n"), 405, "method-not-allowed"),
        (format!("TRACE /v1/health HTTP/1.1\r\n{host}\r\n"), 405, "method-not-allowed"),
        (format!("PUT /v1/payments HTTP/1.1\r\n{host}{JSON}{body}"), 405, "method-not-allowed"),
        (format!("{post}{host}{KEY}{key2}{JSON}{body}"), 400, "idempotency-key-malformed"),
        (format!("{post}{host}{KEY}{KEY}{JSON}{body}"), 400, "idempotency-key-malformed"),
        (format!("{post}{host}{JSON}{body}"), 400, "idempotency-key-missing"),
        (format!("{post}{host}Idempotency-Key: short\r\n{JSON}{body}"), 400, "idempotency-key-malformed"),
        (
            format!("{post}{host}{KEY}{JSON}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
            411,
            "length-required",
        ),
        (
            format!("{post}{host}{KEY}{JSON}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            411,
            "length-required",
        ),
        (format!("{post}{host}{KEY}{body}"), 415, "unsupported-media-type"),
        (format!("{post}{host}{KEY}{JSON}Content-Length: 101\r\n\r\n"), 413, "body-too-large"),
        (format!("{post}{host}{KEY}{JSON}Content-Length: 9\r\n\r\n{{}}"), 408, "body-timeout"),
        (format!("GET http://localhost/v1/health HTTP/1.1\r\n{host}\r\n"), 400, "request-malformed"),
        (format!("GET /v1/../health HTTP/1.1\r\n{host}\r\n"), 400, "request-malformed"),
        (format!("GET /v1/health HTTP/1.1\r\n{host}Content-Length: 2\r\n\r\n{{}}"), 400, "request-malformed"),
        (format!("GET /v1/health HTTP/1.0\r\n{host}\r\n"), 0, ""),
        // hyper's own: no problem document, but refused.
        (format!("{post}{host}{KEY}{JSON}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"), 400, ""),
        (format!("{post}{host}X: {}\r\n{KEY}{JSON}{body}", "x".repeat(17_000)), 431, ""),
    ] {
        let answer = house.raw(&request).await;
        if request.contains("HTTP/1.0") {
            assert!(answer.starts_with("HTTP/1.0 400"), "{answer}");
            continue;
        }
        assert_eq!(verdict(&answer), (status, code.to_owned()), "{request}\n{answer}");
    }
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0, "nothing reached the service");
}

#[tokio::test]
async fn a_request_in_doubt_ends_the_connection() {
    let house = house(Office::default(), Limits::default()).await;
    let smuggled = format!(
        "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\n{KEY}{JSON}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\n{}",
        get("/v1/health")
    );
    let mut stream = house.agency().await;
    stream.write_all(smuggled.as_bytes()).await.unwrap();
    let (answer, ended) = listen(&mut stream).await;
    assert_eq!(verdict(&answer).0, 411);
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "the second request is not answered: {answer}");
    assert!(ended);
}
