//! The cards of the demonstration: a bank asks, makes and activates; the agency moves benefits to the card and asks about
//! it. Who does it keeps a list of what it was told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::agency::{Agency, Promise, Wish};
use crate::clock;
use crate::front::OFFERED;
use crate::message::{Fen, Field, Occurrence, Operation, Record, north};
use crate::simulator::accounts::Acknowledged;
use crate::simulator::people::Person;
use crate::simulator::{Caller, Notice};
use crate::tls::ClientTls;

/// How often a bank tells it again, and the agency asks, before they give up.
const TIMES: u32 = 60;
const PAUSE: Duration = Duration::from_millis(100);
/// People whose cards are dealt with at one time.
const AT_ONCE: usize = 16;

/// What everybody was told.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Errands and entries that the agency got a 2xx for: id and bank.
    pub promised: Vec<(String, String)>,
    /// Payments to those who moved to the card.
    pub paid: Vec<Acknowledged>,
    /// Notices that were answered yes: bank and key.
    pub taken: Vec<(String, String)>,
    /// Notices that were answered no.
    pub refused: u64,
    /// What was never answered, or refused for good.
    pub unheard: u64,
}

/// A bank that calls, and the serials of its own.
pub(crate) struct Teller {
    pub(crate) caller: Caller,
    next: AtomicU32,
}

impl Teller {
    pub(crate) fn new(caller: Caller) -> Teller {
        Teller { caller, next: AtomicU32::new(1) }
    }

    /// Tells until it is answered, under one serial.
    pub(crate) async fn tell(&self, heard: &mut Heard, operation: Operation, record: &Record<'static>) -> bool {
        let width = self.caller.adapter.full_width_serial().len();
        let serial = format!("{:0width$}", self.next.fetch_add(1, Ordering::Relaxed));
        let at = Timestamp::now();
        let notice = Notice { operation, record, serial: &serial, at, date: today() };
        for _ in 0..TIMES {
            match self.caller.tell(notice).await.map(|answered| answered.reply.occurrence) {
                Some(Occurrence::Yes) => {
                    heard.taken.push((self.caller.adapter.id.clone(), format!("{}:{serial}", notice.date)));
                    return true;
                }
                Some(Occurrence::No) => {
                    heard.refused = heard.refused.saturating_add(1);
                    return false;
                }
                Some(Occurrence::InHand | Occurrence::Unknown) | None => tokio::time::sleep(PAUSE).await,
            }
        }
        heard.unheard = heard.unheard.saturating_add(1);
        false
    }
}

/// The civil day at UTC+8.
pub(crate) fn today() -> Date {
    clock::business_date(Timestamp::now(), Time::midnight())
}

/// Lets everybody's card live, a few people at a time.
pub(crate) async fn live(
    address: SocketAddr,
    tls: &Arc<ClientTls>,
    tellers: &Arc<BTreeMap<String, Teller>>,
    people: Vec<Person>,
    seed: u64,
) -> Heard {
    let people = Arc::new(tokio::sync::Mutex::new(people.into_iter()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (people, tls, tellers) = (Arc::clone(&people), Arc::clone(tls), Arc::clone(tellers));
        tasks.spawn(async move {
            let (mut agency, mut heard) = (Agency::new(address, tls), Heard::default());
            loop {
                let Some(person) = people.lock().await.next() else { return heard };
                if let Some(teller) = tellers.get(&person.bank) {
                    one(&mut agency, teller, &person, seed, &mut heard).await;
                }
            }
        });
    }
    let mut all = Heard::default();
    while let Some(heard) = tasks.join_next().await {
        let heard = heard.unwrap_or_default();
        all.promised.extend(heard.promised);
        all.paid.extend(heard.paid);
        all.taken.extend(heard.taken);
        all.refused = all.refused.saturating_add(heard.refused);
        all.unheard = all.unheard.saturating_add(heard.unheard);
    }
    all
}

async fn one(agency: &mut Agency, teller: &Teller, person: &Person, seed: u64, heard: &mut Heard) {
    let day = today();
    for (operation, record) in [
        (Operation::CardCheck, person.check()),
        (Operation::CardIssued, person.issued(day)),
        (Operation::CardActivated, person.activated(day)),
    ] {
        if !teller.tell(heard, operation, &record).await {
            return;
        }
    }
    let mut wishes = vec![(Operation::AccountChange, person.change())];
    wishes.extend(person.pension(&teller.caller.adapter.party.cnaps).map(|record| (Operation::PaymentPay, record)));
    if person.number.is_multiple_of(2) {
        wishes.push((Operation::CardQuery, person.about_the_card()));
    }
    if person.number.is_multiple_of(5) {
        wishes.push((Operation::CardReportLoss, person.lost()));
        wishes.push((Operation::CardReleaseLoss, person.about_the_card()));
    }
    if person.number.is_multiple_of(7) {
        wishes.push((Operation::AccountVerify, person.verify()));
    }
    if person.number.is_multiple_of(11) {
        wishes.push((Operation::CardCancel, person.about_the_card()));
    }
    for (operation, record) in wishes {
        let Some((path, _)) = OFFERED.into_iter().find(|(_, offered)| *offered == operation) else { continue };
        let wish = Wish {
            path,
            key: format!("demo-{seed}-{}-{:08}", operation.name(), person.number),
            bank: person.bank.clone(),
            fen: record.fen(Field::Amount).map_or(0, Fen::get),
            body: north::encode(&record),
        };
        match agency.ask(&wish).await {
            Promise::Accepted { id } if operation.is_payment() => {
                heard.paid.push(Acknowledged { id, bank: wish.bank, fen: Fen::new(wish.fen) })
            }
            Promise::Accepted { id } => heard.promised.push((id, wish.bank)),
            Promise::Refused { problem } => {
                tracing::warn!(key = wish.key, problem, "refused");
                heard.unheard = heard.unheard.saturating_add(1);
            }
            Promise::None => heard.unheard = heard.unheard.saturating_add(1),
        }
    }
}
