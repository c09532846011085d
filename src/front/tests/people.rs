//! Who may ask, by the certificate.

use super::*;

#[tokio::test]
async fn the_certificate_decides_who_may_ask_for_what() {
    let house = house(Office::default(), Limits::default()).await;
    let mut stranger = house.connect(&house.leaf("stranger"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut stranger, &pay("")).await), (403, "party-unknown".into()));
    let mut reader = house.connect(&house.leaf("reader"), b"http/1.1").await;
    assert_eq!(verdict(&talk(&mut reader, &pay("")).await), (403, "operation-not-allowed".into()));
    assert_eq!(verdict(&talk(&mut reader, &get("/v1/payments/1")).await).0, 200);
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_revoked_certificate_is_silenced_on_its_open_connection() {
    let house = house(Office::default(), Limits::default()).await;
    let (bad, good) = (house.leaf("agency"), house.leaf("agency"));
    let mut revoked = house.connect(&bad, b"http/1.1").await;
    let mut kept = house.connect(&good, b"http/1.1").await;
    for stream in [&mut revoked, &mut kept] {
        assert_eq!(verdict(&talk(stream, &get("/v1/health")).await).0, 200);
    }
    let list = house.ca.revoke(&[bad.serial], SystemTime::now() + Duration::from_hours(1)).unwrap();
    std::fs::write(house.dir.path().join("crl.pem"), list).unwrap();
    assert!(house.tls.refresh().unwrap());
    assert_eq!(verdict(&talk(&mut revoked, &pay("")).await), (403, "certificate-refused".into()));
    assert!(listen(&mut revoked).await.1, "and closed");
    assert_eq!(verdict(&talk(&mut kept, &get("/v1/health")).await).0, 200, "the others stay connected");
    assert_eq!(house.office.begun.load(Ordering::SeqCst), 0);
}
