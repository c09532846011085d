//! What every engine must do, through the trait alone.

use std::collections::HashSet;

use super::fixture::*;
use crate::journal::{
    BodyKind, Claim, Claimed, Evidence, Filter, Journal, JournalError, Keys, LaneMark, MessageId, NewDelivery, Refusal,
    Response, Then, What,
};
use crate::life::{Adjudication, Cause, Event, FactKind, Queried, State, TwoPeople, Verdict};
use crate::message::Operation;

/// Runs one part of the contract on a fresh journal of an engine.
macro_rules! contract {
    ($($name:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let folder = tempfile::tempdir().unwrap();
            let journal = open(folder.path());
            let keys = keys(folder.path());
            super::contract::parts::$name(&journal, &keys).await;
        }
    )* };
}

contract! {
    the_happy_path_is_two_commits
    one_key_is_won_once
    another_body_under_a_key_is_named
    a_serial_belongs_to_one_payment
    what_is_stored_is_sent_again
    a_message_walks_through_query_and_absence
    outcomes_stand_and_contradictions_are_facts
    pages_filters_and_due_lists
    lanes_only_rise
    values_that_could_forge_a_record_are_refused
    illegal_events_change_nothing
    people_are_told_why_they_have_to_look
    what_a_bank_tells_is_final_in_one_commit
    the_feed_tells_each_thing_once_and_in_order
}

mod parts {
    use super::*;

    pub(super) async fn the_happy_path_is_two_commits(journal: &impl Journal, keys: &Keys) {
        let message = won(journal, sent(keys, "key-1")).await;
        assert_eq!((message.state, message.fence), (State::Sending, journal.fence()));
        let mut result = change(message.id, Event::Answered(Verdict::Yes));
        result.evidence = Evidence {
            bank_serial: Some("HOST-1".to_owned()),
            answer: Some(b"<RetCode>0</RetCode>".to_vec()),
            response: Some(response(State::Succeeded)),
            ..Evidence::default()
        };
        let advanced = journal.advance(result).await.unwrap();
        assert!(advanced.response_stored);
        let found = journal.find(message.id).await.unwrap().unwrap();
        assert_eq!(found, advanced.message);
        assert_eq!(
            (found.state, found.status, found.bank_serial.as_deref()),
            (State::Succeeded, Some(200), Some("HOST-1"))
        );
        assert!(found.settled_at.is_some() && found.due_at.is_none() && found.sent_at().is_some());
        for (kind, want) in [
            (BodyKind::Request, b"{\"amount\":123450}".to_vec()),
            (BodyKind::Wire, delivery(keys, "key-1").bytes),
            (BodyKind::Answer, b"<RetCode>0</RetCode>".to_vec()),
            (BodyKind::Response, b"{\"state\":\"SUCCEEDED\"}".to_vec()),
        ] {
            assert_eq!(journal.body(message.id, kind).await.unwrap(), Some(want), "{kind:?}");
        }
        let timeline = journal.timeline(message.id).await.unwrap();
        let events: Vec<_> = timeline.iter().map(|entry| (entry.event.as_str(), entry.state.as_str())).collect();
        assert_eq!(events, [("claimed", "SENDING"), ("answered", "SUCCEEDED")]);
    }

    pub(super) async fn one_key_is_won_once(journal: &impl Journal, keys: &Keys) {
        let first = won(journal, sent(keys, "key-1")).await;
        let again = journal.claim(sent(keys, "key-1")).await.unwrap();
        assert!(matches!(&again, Claimed::Same(message) if **message == first), "{again:?}");
        let mut other_org = claim(keys, "key-1", Then::Wait);
        other_org.org = "wushan".to_owned();
        assert_eq!(won(journal, other_org).await.state, State::Accepted);
        let found = journal.find_key("fengjie", "payment.pay", "key-1").await.unwrap();
        assert_eq!(found, Some(first));
        assert_eq!(journal.find_key("fengjie", "payment.query", "key-1").await.unwrap(), None);
    }

    pub(super) async fn another_body_under_a_key_is_named(journal: &impl Journal, keys: &Keys) {
        let first = won(journal, claim(keys, "key-1", Then::Release)).await;
        let other = journal.claim(claim_of(keys, "key-1", 1, Then::Release)).await.unwrap();
        let Claimed::Different { id, field } = other else { panic!("{other:?}") };
        assert_eq!((id, field.as_str()), (first.id, "amount"));
        assert_eq!(journal.list(Filter::default(), None, 10).await.unwrap().len(), 1);
    }

    pub(super) async fn a_serial_belongs_to_one_payment(journal: &impl Journal, keys: &Keys) {
        won(journal, sent(keys, "key-1")).await;
        let thief = claim(keys, "key-2", Then::Send(delivery(keys, "key-1")));
        assert!(matches!(journal.claim(thief).await.unwrap(), Claimed::SerialTaken));
        assert_eq!(journal.find_key("fengjie", "payment.pay", "key-2").await.unwrap(), None, "nothing was written");
        let ready = won(journal, claim(keys, "key-3", Then::Release)).await;
        let stolen = intent(journal, ready.id, Some(delivery(keys, "key-1")));
        assert_eq!(journal.intend(stolen).await.unwrap_err(), JournalError::SerialTaken);
        assert_eq!(journal.find(ready.id).await.unwrap().unwrap(), ready);
        let daily = NewDelivery { scope: "2022-03-15".to_owned(), ..delivery(keys, "key-1") };
        let other_scope = won(journal, claim(keys, "key-4", Then::Send(daily))).await;
        assert_eq!(other_scope.state, State::Sending, "another scope is another serial");
    }

    pub(super) async fn what_is_stored_is_sent_again(journal: &impl Journal, keys: &Keys) {
        let ready = won(journal, claim(keys, "key-1", Then::Release)).await;
        assert_eq!(journal.intend(intent(journal, ready.id, None)).await.unwrap_err(), JournalError::NotEncoded);
        let first = journal.intend(intent(journal, ready.id, Some(delivery(keys, "key-1")))).await.unwrap().message;
        journal.advance(change(ready.id, Event::ConnectFailed)).await.unwrap();
        let again = intent(journal, ready.id, Some(delivery(keys, "key-9")));
        assert_eq!(journal.intend(again).await.unwrap_err(), JournalError::AlreadyEncoded);
        let second = journal.intend(intent(journal, ready.id, None)).await.unwrap().message;
        let (first, second) = (first.delivery.unwrap(), second.delivery.unwrap());
        assert_eq!((first.view.attempts, second.view.attempts), (1, 2));
        assert_eq!(
            (&first.serial, first.digest, first.view.intended_at),
            (&second.serial, second.digest, second.view.intended_at)
        );
        assert_eq!(journal.body(ready.id, BodyKind::Wire).await.unwrap(), Some(delivery(keys, "key-1").bytes));
    }

    pub(super) async fn a_message_walks_through_query_and_absence(journal: &impl Journal, keys: &Keys) {
        let id = won(journal, sent(keys, "key-1")).await.id;
        let unknown = journal.advance(change(id, Event::SendUnknown(Cause::TimedOut))).await.unwrap().message;
        assert_eq!((unknown.state, unknown.reason.as_deref()), (State::Unknown, Some("timed-out")));
        let start = now();
        for n in 1..=3 {
            let mut ask = change(id, Event::QueryDue);
            ask.at = start + jiff::SignedDuration::from_mins(6 * n);
            let asked = journal.advance(ask.clone()).await.unwrap().message;
            assert_eq!((asked.state, asked.before_query), (State::Querying, Some(State::Unknown)));
            let answer = crate::journal::Change { event: Event::Queried(Queried::NotFound), ..ask };
            assert_eq!(journal.advance(answer).await.unwrap().message.state, State::Unknown);
        }
        let mut proved = change(id, Event::AbsenceProved);
        proved.at = start + jiff::SignedDuration::from_mins(20);
        assert_eq!(journal.advance(proved).await.unwrap().message.state, State::Absent);
        let resent = journal.intend(intent(journal, id, None)).await.unwrap().message;
        let view = resent.delivery.unwrap().view;
        assert_eq!((resent.state, view.attempts, view.resends, view.absent_count), (State::Sending, 2, 1, 0));
        assert_eq!(journal.timeline(id).await.unwrap().len(), 10);
    }

    pub(super) async fn outcomes_stand_and_contradictions_are_facts(journal: &impl Journal, keys: &Keys) {
        let id = won(journal, sent(keys, "key-1")).await.id;
        let mut result = change(id, Event::Answered(Verdict::Yes));
        result.evidence.response = Some(response(State::Failed));
        let paid = journal.advance(result).await.unwrap();
        assert!(!paid.response_stored, "a response that tells another state is not stored");
        let equal = journal.advance(change(id, Event::LateAnswer(Verdict::Yes))).await.unwrap();
        assert!(equal.step.no_op);
        assert_eq!(equal.message, paid.message);
        let against = journal.advance(change(id, Event::LateAnswer(Verdict::No))).await.unwrap().message;
        assert!(against.conflict && against.state == State::Succeeded);
        let people = TwoPeople::new("wang", "li").unwrap();
        let calm = journal.advance(change(id, Event::Corrected(people.clone()))).await.unwrap().message;
        assert!(!calm.conflict);
        let back = journal.advance(change(id, Event::Returned { fen: 123_450 })).await.unwrap().message;
        assert_eq!((back.state, back.given_back), (State::Succeeded, 123_450));
        let adjudicated = Event::Adjudicated(Adjudication::Failed, people);
        assert!(matches!(journal.advance(change(id, adjudicated)).await, Err(JournalError::Illegal(_))));
        let facts: Vec<_> = journal.timeline(id).await.unwrap().into_iter().filter_map(|entry| entry.fact).collect();
        assert_eq!(facts, ["CONFLICT", "CORRECTION", "RETURNED"]);
    }

    pub(super) async fn pages_filters_and_due_lists(journal: &impl Journal, keys: &Keys) {
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(won(journal, claim(keys, &format!("key-{n}"), Then::Release)).await.id);
        }
        let held = won(journal, claim(keys, "held", Then::Hold("R01".to_owned()))).await;
        assert_eq!((held.state, held.reason.as_deref()), (State::Held, Some("R01")));
        let page = journal.list(Filter::default(), None, 3).await.unwrap();
        assert_eq!(page.iter().map(|message| message.id).collect::<Vec<_>>(), ids[..3]);
        let rest = journal.list(Filter::default(), Some(ids[2]), 10).await.unwrap();
        assert_eq!(rest.iter().map(|message| message.id).collect::<Vec<_>>(), [ids[3], ids[4], held.id]);
        for (filter, want) in [
            (Filter { state: Some(State::Held), ..Filter::default() }, 1),
            (Filter { bank: Some("b1".to_owned()), ..Filter::default() }, 6),
            (Filter { bank: Some("b2".to_owned()), ..Filter::default() }, 0),
            (Filter { order: Some("order-key-1".to_owned()), ..Filter::default() }, 1),
            (Filter { org: Some("fengjie".to_owned()), key: Some("held".to_owned()), ..Filter::default() }, 1),
            (Filter { org: Some("wushan".to_owned()), ..Filter::default() }, 0),
        ] {
            assert_eq!(journal.list(filter.clone(), None, 10).await.unwrap().len(), want, "{filter:?}");
        }
        let tally = journal.tally().await.unwrap();
        let rows: Vec<_> = tally.iter().map(|row| (row.bank.as_str(), row.state, row.messages, row.fen)).collect();
        assert_eq!(rows, [("b1", State::Held, 1, held.fen), ("b1", State::Ready, 5, 5 * held.fen)]);
        assert!(journal.due("b1", &State::ALL, now(), 10).await.unwrap().is_empty());
        let later = now() + jiff::SignedDuration::from_mins(2);
        let due = journal.due("b1", &State::ALL, later, 10).await.unwrap();
        let due: HashSet<MessageId> = due.iter().map(|message| message.id).collect();
        assert_eq!(due, ids.iter().copied().collect(), "what is held waits for people, not for time");
        for (bank, states, limit, want) in [
            ("b1", [State::Ready].as_slice(), 2, 2),
            ("b1", &[State::Ready, State::Held], 10, 5),
            ("b1", &[State::Unknown], 10, 0),
            ("b2", &State::ALL, 10, 0),
        ] {
            assert_eq!(journal.due(bank, states, later, limit).await.unwrap().len(), want, "{bank} {states:?}");
        }
    }

    pub(super) async fn lanes_only_rise(journal: &impl Journal, keys: &Keys) {
        let date = jiff::civil::date(2022, 3, 15);
        let number = journal.lane_next("b1", date, 1).await.unwrap();
        assert_eq!((number, journal.lane_next("b1", date, 1).await.unwrap()), (1, 2));
        assert_eq!(journal.lane_next("b1", date, 2).await.unwrap(), 1);
        assert_eq!(journal.lane_high_water("b1", date, 1).await.unwrap(), 0, "taken is not yet sent");
        for number in [7, 5] {
            let lane = Some(LaneMark { shard: 1, number });
            let serial = crate::journal::narrow_serial(1, number, 10).unwrap();
            let delivery = NewDelivery { serial, lane, ..delivery(keys, "any") };
            won(journal, claim(keys, &format!("key-{number}"), Then::Send(delivery))).await;
        }
        assert_eq!(journal.lane_high_water("b1", date, 1).await.unwrap(), 7);
    }

    pub(super) async fn values_that_could_forge_a_record_are_refused(journal: &impl Journal, keys: &Keys) {
        let mut bad = sent(keys, "key-1");
        bad.org = "fengjie\nstate=SUCCEEDED".to_owned();
        assert_eq!(journal.claim(bad).await.unwrap_err(), JournalError::Malformed("org"));
        assert_eq!(
            journal.claim(claim_of(keys, "k", 0, Then::Wait)).await.unwrap_err(),
            JournalError::Malformed("amount")
        );
        let id = won(journal, sent(keys, "key-2")).await.id;
        let mut bad = change(id, Event::Answered(Verdict::No));
        bad.evidence.reason = Some("\u{1b}[2J".to_owned());
        assert_eq!(journal.advance(bad).await.unwrap_err(), JournalError::Malformed("reason"));
        let refusal = Refusal { id, org: "o".to_owned(), raw_digest: [0; 32], code: "schema".to_owned(), at: now() };
        journal.refuse(refusal.clone()).await.unwrap();
        let refusal = Refusal { code: "a\nb".to_owned(), ..refusal };
        assert_eq!(journal.refuse(refusal).await.unwrap_err(), JournalError::Malformed("code"));
    }

    pub(super) async fn illegal_events_change_nothing(journal: &impl Journal, keys: &Keys) {
        let message = won(journal, sent(keys, "key-1")).await;
        for event in [Event::Released, Event::QueryDue, Event::AbsenceProved, Event::LateAnswer(Verdict::Yes)] {
            let refused = journal.advance(change(message.id, event.clone())).await.unwrap_err();
            assert!(matches!(refused, JournalError::Illegal(illegal) if illegal.event == event.name()));
        }
        assert_eq!(journal.find(message.id).await.unwrap(), Some(message.clone()));
        assert_eq!(journal.timeline(message.id).await.unwrap().len(), 1);
        let nobody = change(MessageId::new(), Event::Released);
        assert_eq!(journal.advance(nobody).await.unwrap_err(), JournalError::NotFound);
        let direct = change(message.id, Event::Intended { fence: 9, dated_today: true });
        assert_eq!(journal.advance(direct).await.unwrap_err(), JournalError::Malformed("event"));
    }

    pub(super) async fn people_are_told_why_they_have_to_look(journal: &impl Journal, keys: &Keys) {
        let message = won(journal, sent(keys, "key-1")).await;
        let mut differs = change(message.id, Event::Answered(Verdict::Different));
        // The code says done; that is not why somebody has to look.
        differs.evidence.reason = Some("0000".to_owned());
        let message = journal.advance(differs).await.unwrap().message;
        assert_eq!((message.state, message.reason.as_deref()), (State::Manual, Some("paid-differently")));
        assert!(message.conflict);
    }

    pub(super) async fn what_a_bank_tells_is_final_in_one_commit(journal: &impl Journal, keys: &Keys) {
        let told = |key: &str| {
            let entered = Then::Enter(Response { state: State::Succeeded, status: 200, body: b"<ok/>".to_vec() });
            Claim { operation: Operation::CardIssued, fen: 0, ..claim(keys, key, entered) }
        };
        let message = won(journal, told("key-1")).await;
        assert_eq!((message.state, message.status, message.fen), (State::Succeeded, Some(200), 0));
        assert!(message.settled_at.is_some() && message.delivery.is_none());
        assert_eq!(journal.find(message.id).await.unwrap(), Some(message.clone()));
        assert_eq!(journal.body(message.id, BodyKind::Response).await.unwrap(), Some(b"<ok/>".to_vec()));
        let Claimed::Same(again) = journal.claim(told("key-1")).await.unwrap() else { panic!("not the same") };
        assert_eq!(again.id, message.id);
        assert_eq!(journal.timeline(message.id).await.unwrap().len(), 1);
        let nothing = Claim { fen: 0, ..sent(keys, "key-2") };
        assert_eq!(
            journal.claim(nothing).await.unwrap_err(),
            JournalError::Malformed("amount"),
            "a payment of nothing"
        );
    }

    pub(super) async fn the_feed_tells_each_thing_once_and_in_order(journal: &impl Journal, keys: &Keys) {
        let mut end = journal.end();
        let start = *end.borrow_and_update();
        let paid = won(journal, sent(keys, "paid")).await;
        let held = won(journal, claim(keys, "held", Then::Hold("H01".to_owned()))).await;
        let entered = Then::Enter(Response { state: State::Succeeded, status: 200, body: b"<ok/>".to_vec() });
        let told =
            won(journal, Claim { operation: Operation::CardIssued, fen: 0, ..claim(keys, "told", entered) }).await;
        let lost = won(journal, sent(keys, "lost")).await;
        journal.advance(change(lost.id, Event::SendUnknown(Cause::Cut))).await.unwrap();
        journal.advance(change(paid.id, Event::Answered(Verdict::Yes))).await.unwrap();
        journal.advance(change(paid.id, Event::LateAnswer(Verdict::No))).await.unwrap();
        journal.advance(change(lost.id, Event::LateAnswer(Verdict::Different))).await.unwrap();
        assert!(end.has_changed().unwrap() && *end.borrow_and_update() > start, "whoever waits is woken");
        let wanted = [
            (held.id, What::Waiting(State::Held)),
            (told.id, What::Entered),
            (paid.id, What::Settled(State::Succeeded)),
            (paid.id, What::Fact(FactKind::Conflict)),
            (lost.id, What::Fact(FactKind::Conflict)),
        ];
        let whole = journal.feed(0, 100).await.unwrap();
        let found: Vec<_> = whole.happenings.iter().map(|it| (it.message.id, it.what)).collect();
        assert_eq!(found, wanted);
        assert_eq!(whole.upto, *end.borrow());
        // One at a time, from wherever the last one ended, it is the same.
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let part = journal.feed(after, 1).await.unwrap();
            seen.extend(part.happenings);
            if part.upto == after {
                break;
            }
            after = part.upto;
        }
        assert_eq!(seen, whole.happenings);
        assert_eq!(journal.feed(after, 1).await.unwrap().happenings, []);
    }
}
