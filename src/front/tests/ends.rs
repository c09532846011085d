//! Hanging up and draining.

use super::*;

#[tokio::test]
async fn hanging_up_does_not_stop_the_work_and_a_drain_waits_for_it() {
    let house = house(Office { hold: true, ..Office::default() }, Limits::default()).await;
    let mut stream = house.agency().await;
    stream.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!house.served.is_finished(), "the drain waits");
    assert!(TcpStream::connect(house.address).await.is_err(), "nobody new is let in");
    house.office.go.notify_one();
    assert_eq!(house.served.await.unwrap(), Drained::Clean);
    assert_eq!(house.office.finished.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_drain_answers_what_is_under_way_and_ends_idle_connections() {
    let house = house(Office { hold: true, ..Office::default() }, Limits::default()).await;
    let (mut busy, mut idle) = (house.agency().await, house.agency().await);
    assert_eq!(verdict(&talk(&mut idle, &get("/v1/health")).await).0, 200);
    busy.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.stop.cancel();
    assert!(listen(&mut idle).await.1, "idle ones end at once");
    house.office.go.notify_one();
    let (answer, ended) = listen(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 202 ") && ended, "{answer}");
    assert_eq!(house.served.await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn a_drain_is_bounded() {
    let house = house(Office { hold: true, ..Office::default() }, quick()).await;
    let mut stream = house.agency().await;
    stream.write_all(pay("").as_bytes()).await.unwrap();
    while house.office.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.stop.cancel();
    assert_eq!(house.served.await.unwrap(), Drained::CutOff { connections: 1, work: 1 });
}
