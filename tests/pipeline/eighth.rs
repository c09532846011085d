//! The eighth bank, which is data under `tests/`, behind the same gateway as all others.

use std::path::Path;

use kuimen::adapter::load::FileSet;
use kuimen::life::State;
use kuimen::simulator::Misbehaviour;

use super::place::{STRICT, Setup, script};

fn eighth() -> Setup {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eighth/isobank");
    let files = FileSet::read(&folder).expect("its folder");
    Setup { files: Some(files), ..Setup::of("isobank") }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_pays_and_refuses() {
    let place = eighth().start().await;
    let paid = place.offer(&place.payment(), 5).await;
    assert_eq!(paid.says(), (200, "SUCCEEDED".to_owned()), "{paid:?}");
    assert_eq!(place.books(&place.find(&paid.id()).await), (1, 1));
    let strict = Setup { manners: STRICT, ..eighth() }.start().await;
    let refused = strict.offer(&strict.payment(), 5).await;
    assert_eq!((refused.says(), refused.text("reason").as_str()), ((200, "FAILED".to_owned()), "AC01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_it_is_asked_and_nothing_is_paid_twice() {
    for fault in [
        Misbehaviour::Silence,
        Misbehaviour::Cut,
        Misbehaviour::WrongLength,
        Misbehaviour::UnlistedCode,
        Misbehaviour::Another,
        Misbehaviour::Twice,
    ] {
        let place = Setup { faults: script([Some(fault)], []), ..eighth() }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!(place.books(&message), (1, 1), "{fault:?}");
    }
}
