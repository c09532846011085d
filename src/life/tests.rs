//! The table against one written by hand: every state with every event, then each guard.
//!
//! `EXPECTED` was written from the rules, not from `table.rs`. A letter per state, in the order of `State::ALL`:
//! `.` the pair is refused; `-` nothing changes; `!` nothing changes but a CONFLICT is linked; `*` a fact is linked;
//! else the state that follows, with `X` for MANUAL together with a CONFLICT.

use jiff::{SignedDuration, Timestamp};

use super::*;

/// REJECTED, Accepted, Held, Ready, Sending, Acked ("in hand"), Unknown, Querying, aBsent, Manual, succeeded ("paid"),
/// Failed, Cancelled.
const LETTERS: [(char, State); 13] = [
    ('J', State::Rejected),
    ('A', State::Accepted),
    ('H', State::Held),
    ('R', State::Ready),
    ('S', State::Sending),
    ('K', State::Acked),
    ('U', State::Unknown),
    ('Q', State::Querying),
    ('B', State::Absent),
    ('M', State::Manual),
    ('P', State::Succeeded),
    ('F', State::Failed),
    ('C', State::Cancelled),
];

fn people() -> TwoPeople {
    TwoPeople::new("wang", "li").unwrap()
}

/// One row per event. The delivery has one attempt that may have reached the bank, was never acknowledged, and has
/// three not-founds over eleven minutes; all horizons have passed for HorizonPassed alone; a query came from UNKNOWN.
#[rustfmt::skip]
fn expected() -> Vec<(Event, &'static str)> {
    use Event as E;
    vec![
        //                                                       JAHRSKUQBMPFC
        (E::Released,                                           ".R..........."),
        (E::Hold,                                               ".H..........."),
        (E::Approved(people()),                                 "..R.........."),
        (E::Cancelled(people()),                                ".CCC........."),
        (E::Intended { fence: 7, dated_today: false },          "...S....S...."),
        (E::ConnectFailed,                                      "....R........"),
        (E::Answered(Verdict::Yes),                             "!...P.....-!!"),
        (E::Answered(Verdict::Different),                       "!...X.....!!!"),
        (E::Answered(Verdict::No),                              "!...F.....!-!"),
        (E::Answered(Verdict::InHand),                          "!...K.....-!!"),
        (E::Answered(Verdict::Known),                           "!...U.....--!"),
        (E::Answered(Verdict::Unclear),                         "-...U.....---"),
        (E::SendUnknown(Cause::TimedOut),                       "....U........"),
        (E::SendUnknown(Cause::Cut),                            "....U........"),
        (E::SendUnknown(Cause::Unreadable),                     "....U........"),
        (E::SendUnknown(Cause::NotOurs),                        "....U........"),
        (E::SendUnknown(Cause::Internal),                       "....U........"),
        (E::Restarted,                                          "....U..U....."),
        (E::QueryDue,                                           ".....QQ..Q..."),
        (E::QueryAsked,                                         ".....QQ..Q..."),
        (E::Queried(Queried::Answered(Verdict::Yes)),           "!....PPPPP-!!"),
        (E::Queried(Queried::Answered(Verdict::Different)),     "!....XXXXX!!!"),
        (E::Queried(Queried::Answered(Verdict::No)),            "!....FFFFF!-!"),
        (E::Queried(Queried::Answered(Verdict::InHand)),        "!....KKKKK-!!"),
        (E::Queried(Queried::Answered(Verdict::Known)),         "!....KUUUM--!"),
        (E::Queried(Queried::Answered(Verdict::Unclear)),       "-....--U-----"),
        (E::Queried(Queried::NotFound),                         "-....--U-----"),
        (E::Queried(Queried::Failed),                           "-....--U-----"),
        (E::AbsenceProved,                                      "......B......"),
        (E::LateAnswer(Verdict::Yes),                           "!....PPPPP-!!"),
        (E::LateAnswer(Verdict::Different),                     "!....XXXXX!!!"),
        (E::LateAnswer(Verdict::No),                            "!....FFFFF!-!"),
        (E::LateAnswer(Verdict::InHand),                        "!....KKKKK-!!"),
        (E::LateAnswer(Verdict::Known),                         "!....KUQUM--!"),
        (E::LateAnswer(Verdict::Unclear),                       "-....--------"),
        (E::Overheard(Verdict::Yes),                            "!....------!!"),
        (E::Overheard(Verdict::Different),                      "!....-----!!!"),
        (E::Overheard(Verdict::No),                             "!....-----!-!"),
        (E::Overheard(Verdict::InHand),                         "!....------!!"),
        (E::Overheard(Verdict::Known),                          "!....-------!"),
        (E::Overheard(Verdict::Unclear),                        "-....--------"),
        (E::FileLine(Verdict::Yes),                             "!....PPPPP-!!"),
        (E::FileLine(Verdict::Different),                       "!....XXXXX!!!"),
        (E::FileLine(Verdict::No),                              "!....FFFFF!-!"),
        (E::FileLine(Verdict::InHand),                          "!....KKKKK-!!"),
        (E::FileLine(Verdict::Known),                           "!....KUQUM--!"),
        (E::FileLine(Verdict::Unclear),                         "-....--------"),
        (E::HorizonPassed,                                      "...M.MM.M...."),
        (E::Repeat,                                             "............."),
        (E::Entered,                                            ".P.P........."),
        (E::DeadEnd,                                            "............."),
        (E::BusinessDayOver,                                    "............."),
        (E::CannotEncode { field: "payee.name".to_owned() },    ".H.H....M...."),
        (E::Adjudicated(Adjudication::Succeeded, people()),     ".........P..."),
        (E::Adjudicated(Adjudication::Failed, people()),        ".........F..."),
        (E::Adjudicated(Adjudication::Absent, people()),        ".........B..."),
        (E::Returned { fen: 40 },                               "..........*.."),
        (E::Reversed { fen: 40 },                               "..........*.."),
        (E::Corrected(people()),                                "............."),
    ]
}

const POLICY: BankPolicy =
    BankPolicy { has_query: true, refuses_duplicate_serial: true, resends_same_bytes: true, ..BankPolicy::CAREFUL };

fn start() -> Timestamp {
    "2022-03-15T01:00:00Z".parse().unwrap()
}

fn after(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes)
}

fn message(state: State) -> MessageView {
    MessageView {
        state,
        before_query: (state == State::Querying).then_some(State::Unknown),
        fence: 7,
        accepted_at: start(),
        fen: 100,
        given_back: 0,
        conflict: false,
    }
}

fn delivery() -> DeliveryView {
    DeliveryView {
        absent_count: 3,
        first_absent_at: Some(after(2)),
        last_absent_at: Some(after(13)),
        ..DeliveryView::first(start())
    }
}

/// What a delivery looks like in a state: before the first answer nothing has reached the bank for certain.
fn delivery_in(state: State) -> Option<DeliveryView> {
    match state {
        State::Rejected | State::Accepted | State::Held | State::Ready | State::Cancelled => None,
        State::Sending => Some(DeliveryView::first(start())),
        State::Acked
        | State::Unknown
        | State::Querying
        | State::Absent
        | State::Manual
        | State::Succeeded
        | State::Failed => Some(DeliveryView { may_have_reached: true, ..delivery() }),
    }
}

fn letter(of: State, step: &Step) -> char {
    let next = LETTERS.iter().find(|(_, state)| *state == step.state).map(|(letter, _)| *letter).unwrap();
    match (step.no_op, step.fact) {
        (true, None) => {
            assert_eq!(step.state, of);
            '-'
        }
        (false, Some(FactKind::Conflict)) if step.state == State::Manual && of != State::Manual => 'X',
        (false, Some(FactKind::Conflict)) if step.state == State::Manual => 'X',
        (false, Some(FactKind::Conflict)) => '!',
        (false, Some(FactKind::Returned | FactKind::Reversed | FactKind::Correction)) => '*',
        (false, None) => next,
        (true, Some(fact)) => panic!("{fact} with no change"),
    }
}

#[test]
fn every_pair_of_state_and_event_is_as_written() {
    let mut pairs = 0;
    for (event, row) in expected() {
        assert_eq!(row.len(), State::ALL.len(), "{event:?}");
        let now = if event == Event::HorizonPassed { after(80 * 60) } else { after(15) };
        let got: String = State::ALL
            .into_iter()
            .map(|state| {
                pairs += 1;
                match advance(&message(state), delivery_in(state).as_ref(), &event, &POLICY, now) {
                    Ok(step) => letter(state, &step),
                    Err(illegal) => {
                        assert_eq!((illegal.state, illegal.event), (state, event.name()));
                        '.'
                    }
                }
            })
            .collect();
        assert_eq!(got, row, "{event:?}");
    }
    assert_eq!(pairs, 59 * 13);
}

#[test]
fn the_list_of_events_is_whole() {
    let mut names: Vec<_> = expected().iter().map(|(event, _)| event.name()).collect();
    names.dedup();
    assert_eq!(names.len(), 26, "one group of rows for each kind of event");
    for name in ["answered", "late-answer", "overheard", "file-line"] {
        let verdicts = expected().iter().filter(|(event, _)| event.name() == name).count();
        assert_eq!(verdicts, Verdict::ALL.len(), "{name}");
    }
}

fn go(state: State, delivery: DeliveryView, event: Event, policy: BankPolicy, now: Timestamp) -> Result<Step, Why> {
    advance(&message(state), Some(&delivery), &event, &policy, now).map_err(|illegal| illegal.why)
}

fn intended(fence: u64) -> Event {
    Event::Intended { fence, dated_today: true }
}

fn guarded(found: Result<Step, Why>, name: &'static str) {
    assert_eq!(found, Err(Why::Guard(name)));
}

#[test]
fn absence_needs_every_one_of_its_proofs() {
    let with = |delivery, policy, now| go(State::Unknown, delivery, Event::AbsenceProved, policy, now);
    assert_eq!(with(delivery(), POLICY, after(15)).unwrap().state, State::Absent);
    let short = DeliveryView { absent_count: 2, ..delivery() };
    guarded(with(short, POLICY, after(15)), "not found often enough");
    let close = DeliveryView { last_absent_at: Some(after(2) + SignedDuration::from_secs(599)), ..delivery() };
    guarded(with(close, POLICY, after(15)), "not found over long enough");
    let exact = DeliveryView { last_absent_at: Some(after(12)), ..delivery() };
    assert!(with(exact, POLICY, after(15)).is_ok());
    let backwards = DeliveryView { first_absent_at: Some(after(13)), last_absent_at: Some(after(2)), ..delivery() };
    guarded(with(backwards, POLICY, after(15)), "not found over long enough");
    let known = DeliveryView { acknowledged: true, ..delivery() };
    guarded(with(known, POLICY, after(15)), "never acknowledged");
    let spent = DeliveryView { resends: 2, ..delivery() };
    guarded(with(spent, POLICY, after(15)), "resends left");
    assert!(with(DeliveryView { resends: 1, ..delivery() }, POLICY, after(15)).is_ok());
    guarded(with(delivery(), POLICY, after(24 * 60)), "resend horizon");
    for policy in [
        BankPolicy { has_query: false, ..POLICY },
        BankPolicy { refuses_duplicate_serial: false, ..POLICY },
        BankPolicy { resends_same_bytes: false, ..POLICY },
    ] {
        guarded(with(delivery(), policy, after(15)), "resend allowed");
    }
}

#[test]
fn a_repeat_is_the_same_serial_counted_once_more() {
    let absent = DeliveryView { may_have_reached: true, queries: 5, rung: 5, ..delivery() };
    let again = go(State::Absent, absent, intended(8), POLICY, after(15)).unwrap();
    let view = again.delivery.unwrap();
    assert_eq!((view.attempts, view.resends, view.absent_count, view.rung, view.queries), (2, 1, 0, 0, 5));
    assert_eq!((view.intended_at, view.first_absent_at, view.last_absent_at), (start(), None, None));
    let again = |policy, now| go(State::Absent, absent, intended(7), policy, now);
    guarded(again(POLICY, after(24 * 60)), "resend allowed");
    guarded(again(BankPolicy::CAREFUL, after(15)), "resend allowed");
    let known = DeliveryView { acknowledged: true, ..absent };
    guarded(go(State::Absent, known, intended(7), POLICY, after(15)), "resend allowed");
    let released = DeliveryView { released: true, ..absent };
    assert!(go(State::Absent, released, intended(7), BankPolicy::CAREFUL, after(15)).is_ok());
    guarded(go(State::Absent, absent, intended(6), POLICY, after(15)), "top fence");
    guarded(go(State::Ready, absent, intended(6), POLICY, after(15)), "top fence");
    let first = advance(&message(State::Ready), None, &intended(9), &POLICY, after(1)).unwrap();
    assert_eq!(first.delivery, Some(DeliveryView::first(after(1))));
}

#[test]
fn a_refusal_counts_only_on_the_first_attempt() {
    let second = DeliveryView { attempts: 2, may_have_reached: true, ..delivery() };
    let no = go(State::Sending, second, Event::Answered(Verdict::No), POLICY, after(15)).unwrap();
    assert_eq!((no.state, no.due), (State::Unknown, Due::Query(0)));
    let asked = go(State::Querying, second, Event::Queried(Queried::Answered(Verdict::No)), POLICY, after(15));
    assert_eq!(asked.unwrap().state, State::Failed, "the query speaks about the payment");
    for state in [State::Acked, State::Unknown, State::Querying, State::Absent, State::Manual] {
        let late = go(state, second, Event::LateAnswer(Verdict::No), POLICY, after(15)).unwrap();
        assert!(late.no_op && late.state == state, "{state}");
        let file = go(state, second, Event::FileLine(Verdict::No), POLICY, after(15)).unwrap();
        assert_eq!(file.state, State::Failed, "{state}");
    }
}

#[test]
fn no_byte_written_is_safe_only_while_no_attempt_got_through() {
    let fresh = go(State::Sending, DeliveryView::first(start()), Event::ConnectFailed, POLICY, after(1)).unwrap();
    assert_eq!((fresh.state, fresh.due), (State::Ready, Due::BackOff(1)));
    let reached = DeliveryView { attempts: 2, may_have_reached: true, ..delivery() };
    let later = go(State::Sending, reached, Event::ConnectFailed, POLICY, after(1)).unwrap();
    assert_eq!((later.state, later.due), (State::Absent, Due::BackOff(2)));
    for event in [
        Event::Answered(Verdict::Unclear),
        Event::SendUnknown(Cause::Cut),
        Event::Restarted,
        Event::Answered(Verdict::InHand),
    ] {
        let step = go(State::Sending, DeliveryView::first(start()), event.clone(), POLICY, after(1)).unwrap();
        assert!(step.delivery.unwrap().may_have_reached, "{event:?}");
    }
}

#[test]
fn what_the_bank_has_acknowledged_is_never_absent() {
    for event in [Event::Answered(Verdict::InHand), Event::Answered(Verdict::Different)] {
        let step = go(State::Sending, DeliveryView::first(start()), event, POLICY, after(1)).unwrap();
        assert!(step.delivery.unwrap().acknowledged);
    }
    let known = DeliveryView { acknowledged: true, absent_count: 0, ..delivery() };
    let lost = go(State::Querying, known, Event::Queried(Queried::NotFound), POLICY, after(15)).unwrap();
    assert_eq!((lost.state, lost.delivery.unwrap().absent_count), (State::Manual, 0));
    let counted = go(State::Querying, delivery(), Event::Queried(Queried::NotFound), POLICY, after(15)).unwrap();
    let view = counted.delivery.unwrap();
    assert_eq!((counted.state, view.absent_count), (State::Unknown, 4));
    assert_eq!((view.first_absent_at, view.last_absent_at), (Some(after(2)), Some(after(15))));
}

#[test]
fn an_answer_that_shows_the_serial_is_known_ends_every_thought_of_absence() {
    let events = [
        (State::Sending, Event::Answered(Verdict::Known), State::Unknown),
        (State::Querying, Event::Queried(Queried::Answered(Verdict::Known)), State::Unknown),
        (State::Unknown, Event::LateAnswer(Verdict::Known), State::Unknown),
        (State::Querying, Event::LateAnswer(Verdict::Known), State::Querying),
        (State::Absent, Event::LateAnswer(Verdict::Known), State::Unknown),
        (State::Manual, Event::FileLine(Verdict::Known), State::Manual),
    ];
    for (state, event, next) in events {
        let before = DeliveryView { may_have_reached: true, released: state == State::Absent, ..delivery() };
        let step = go(state, before, event.clone(), POLICY, after(15)).unwrap();
        let view = step.delivery.unwrap();
        assert_eq!((step.state, view.acknowledged, view.absent_count), (next, true, 0), "{state} {event:?}");
        assert_eq!(
            (view.first_absent_at, view.last_absent_at, view.released),
            (None, None, false),
            "{state} {event:?}"
        );
        // "Not found" is a contradiction from now on.
        let lost = go(State::Querying, view, Event::Queried(Queried::NotFound), POLICY, after(30)).unwrap();
        assert_eq!(lost.state, State::Manual, "{state} {event:?}");
    }
    let unclear =
        go(State::Querying, delivery(), Event::Queried(Queried::Answered(Verdict::Unclear)), POLICY, after(15));
    let view = unclear.unwrap().delivery.unwrap();
    assert_eq!((view.acknowledged, view.absent_count), (false, 3), "an unclear answer shows nothing");
}

#[test]
fn what_was_overheard_moves_nothing_that_is_open() {
    for verdict in Verdict::ALL {
        for state in [State::Acked, State::Unknown, State::Querying, State::Absent, State::Manual] {
            let before = DeliveryView { may_have_reached: true, ..delivery() };
            let step = go(state, before, Event::Overheard(verdict), POLICY, after(15)).unwrap();
            assert_eq!((step.state, step.delivery, step.no_op, step.due), (state, Some(before), true, Due::Keep));
        }
    }
}

#[test]
fn a_query_without_news_goes_back_to_where_it_was_asked_from() {
    for (before, due) in [(State::Unknown, Due::Query(0)), (State::Acked, Due::Query(0)), (State::Manual, Due::Never)] {
        let view = MessageView { before_query: Some(before), ..message(State::Querying) };
        for queried in [Queried::Failed, Queried::Answered(Verdict::Unclear)] {
            let step = advance(&view, Some(&delivery()), &Event::Queried(queried), &POLICY, after(15)).unwrap();
            assert_eq!((step.state, step.before_query, step.due), (before, None, due));
        }
        let restarted = advance(&view, Some(&delivery()), &Event::Restarted, &POLICY, after(15)).unwrap();
        assert_eq!(restarted.state, before);
    }
    let asked = go(State::Acked, delivery(), Event::QueryDue, POLICY, after(15)).unwrap();
    let view = asked.delivery.unwrap();
    assert_eq!((asked.before_query, view.queries, view.rung), (Some(State::Acked), 1, 1));
    guarded(go(State::Unknown, delivery(), Event::QueryDue, BankPolicy::CAREFUL, after(15)), "has a query");
}

#[test]
fn horizons_are_each_their_own() {
    let at = |state, minutes| go(state, delivery(), Event::HorizonPassed, POLICY, after(minutes));
    for (state, minutes) in
        [(State::Ready, 24 * 60), (State::Absent, 24 * 60), (State::Unknown, 72 * 60), (State::Acked, 72 * 60)]
    {
        guarded(at(state, minutes - 1), "horizon passed");
        assert_eq!(at(state, minutes).unwrap().state, State::Manual, "{state}");
    }
    let released = DeliveryView { released: true, ..delivery() };
    guarded(go(State::Absent, released, Event::HorizonPassed, POLICY, after(99_999)), "horizon passed");
}

#[test]
fn a_dead_end_is_a_bank_without_query_or_without_memory() {
    for state in [State::Unknown, State::Absent] {
        for policy in
            [BankPolicy { has_query: false, ..POLICY }, BankPolicy { refuses_duplicate_serial: false, ..POLICY }]
        {
            assert_eq!(go(state, delivery(), Event::DeadEnd, policy, after(1)).unwrap().state, State::Manual);
            let released = DeliveryView { released: true, ..delivery() };
            guarded(go(state, released, Event::DeadEnd, policy, after(1)), "not released by people");
        }
        guarded(
            go(state, delivery(), Event::DeadEnd, POLICY, after(1)),
            "no query, or no duplicate check and nothing found",
        );
    }
    // A query that proves nothing by finding nothing still finds what is there: it is asked, and not once only.
    let forgets = BankPolicy { refuses_duplicate_serial: false, ..POLICY };
    for (count, last) in [(0, None), (2, Some(13)), (3, Some(11))] {
        let seldom = DeliveryView { absent_count: count, last_absent_at: last.map(after), ..delivery() };
        let rule = "no query, or no duplicate check and nothing found";
        guarded(go(State::Unknown, seldom, Event::DeadEnd, forgets, after(14)), rule);
        let asked = go(State::Unknown, seldom, Event::QueryDue, forgets, after(14)).unwrap();
        assert_eq!(asked.state, State::Querying);
    }
    let unknown = go(State::Sending, delivery(), Event::SendUnknown(Cause::Cut), BankPolicy::CAREFUL, after(1));
    assert_eq!(unknown.unwrap().due, Due::Now, "there is nothing to wait for");
}

#[test]
fn the_business_day_matters_only_where_the_bank_wants_todays_date() {
    let today = BankPolicy { wants_todays_date: true, resends_same_bytes: false, ..POLICY };
    let released = DeliveryView { released: true, may_have_reached: true, ..delivery() };
    for state in [State::Ready, State::Absent] {
        let over = go(state, released, Event::BusinessDayOver, today, after(1)).unwrap();
        assert_eq!((over.state, over.delivery.unwrap().released), (State::Manual, false), "{state}");
        guarded(go(state, released, Event::BusinessDayOver, POLICY, after(1)), "wants today's date");
        let stale = Event::Intended { fence: 7, dated_today: false };
        guarded(go(state, released, stale.clone(), today, after(1)), "bears today's date");
        assert!(go(state, released, intended(7), today, after(1)).is_ok(), "{state}");
        assert!(go(state, released, stale, POLICY, after(1)).is_ok(), "{state}: the date of the first send stands");
    }
    let over = advance(&message(State::Ready), None, &Event::BusinessDayOver, &today, after(1)).unwrap();
    assert_eq!(over.state, State::Manual);
}

#[test]
fn who_has_it_in_hand_is_not_waited_for_for_ever() {
    let sent = go(State::Ready, DeliveryView::first(start()), intended(7), POLICY, after(1)).unwrap();
    let asked = go(State::Unknown, delivery(), Event::QueryDue, POLICY, after(1)).unwrap();
    assert_eq!((sent.due, asked.due), (Due::Stalled, Due::Stalled));
    let lost = go(State::Sending, DeliveryView::first(start()), Event::Restarted, POLICY, after(2)).unwrap();
    assert_eq!((lost.state, lost.due), (State::Unknown, Due::Now));
}

#[test]
fn in_hand_at_a_bank_that_cannot_be_asked_waits_for_the_horizon() {
    let careful = |state, event| go(state, delivery(), event, BankPolicy::CAREFUL, after(15)).unwrap();
    let answered = careful(State::Sending, Event::Answered(Verdict::InHand));
    let heard = careful(State::Unknown, Event::FileLine(Verdict::InHand));
    for step in [answered, heard] {
        assert_eq!((step.state, step.due), (State::Acked, Due::At(after(72 * 60))));
    }
    let asked = go(State::Sending, delivery(), Event::Answered(Verdict::InHand), POLICY, after(15)).unwrap();
    assert_eq!(asked.due, Due::Query(0));
}

#[test]
fn what_two_people_released_and_nobody_can_send_goes_back_to_people() {
    let released = DeliveryView { released: true, may_have_reached: true, ..delivery() };
    let gone = Event::CannotEncode { field: "adapter".to_owned() };
    let back = go(State::Absent, released, gone, POLICY, after(15)).unwrap();
    assert_eq!((back.state, back.delivery.unwrap().released), (State::Manual, false));
}

#[test]
fn what_may_have_been_sent_is_not_cancelled() {
    let reached = DeliveryView { may_have_reached: true, ..delivery() };
    guarded(go(State::Ready, reached, Event::Cancelled(people()), POLICY, after(1)), "never sent");
    let fresh = DeliveryView::first(start());
    assert!(go(State::Ready, fresh, Event::Cancelled(people()), POLICY, after(1)).is_ok());
}

#[test]
fn no_more_comes_back_than_was_paid() {
    let paid = MessageView { given_back: 60, ..message(State::Succeeded) };
    for (fen, why) in [
        (0, "positive amount"),
        (-1, "positive amount"),
        (41, "not more than was paid"),
        (i64::MAX, "not more than was paid"),
    ] {
        let refused = advance(&paid, Some(&delivery()), &Event::Returned { fen }, &POLICY, after(1)).unwrap_err();
        assert_eq!(refused.why, Why::Guard(why), "{fen}");
    }
    let whole = advance(&paid, Some(&delivery()), &Event::Reversed { fen: 40 }, &POLICY, after(1)).unwrap();
    assert_eq!((whole.state, whole.fact), (State::Succeeded, Some(FactKind::Reversed)));
}

#[test]
fn a_correction_needs_an_open_conflict_in_any_state() {
    for state in State::ALL {
        let open = MessageView { conflict: true, ..message(state) };
        let step = advance(&open, delivery_in(state).as_ref(), &Event::Corrected(people()), &POLICY, after(1)).unwrap();
        assert_eq!((step.state, step.fact, step.before_query), (state, Some(FactKind::Correction), open.before_query));
    }
}

#[test]
fn two_people_are_two() {
    assert!(TwoPeople::new("wang", "li").is_some());
    for (first, second) in [("wang", "wang"), ("wang", " Wang "), ("", "li"), ("li", " ")] {
        assert!(TwoPeople::new(first, second).is_none(), "{first:?} {second:?}");
    }
}

#[test]
fn names_and_published_codes_are_fixed() {
    let table = [
        ("REJECTED", "RJCT"),
        ("ACCEPTED", "RCVD"),
        ("HELD", "RCVD"),
        ("READY", "RCVD"),
        ("SENDING", "ACSP"),
        ("ACKED", "PDNG"),
        ("UNKNOWN", "PDNG"),
        ("QUERYING", "PDNG"),
        ("ABSENT", "PDNG"),
        ("MANUAL", "PDNG"),
        ("SUCCEEDED", "ACSC"),
        ("FAILED", "RJCT"),
        ("CANCELLED", "RJCT"),
    ];
    for (state, (name, iso)) in State::ALL.into_iter().zip(table) {
        assert_eq!((state.as_str(), state.iso_status()), (name, iso));
        assert_eq!(name.parse(), Ok(state));
    }
    assert_eq!("PAID".parse::<State>(), Err(UnknownState));
}

#[test]
fn what_does_no_harm_twice_is_asked_for_again_until_the_horizon() {
    let errands = BankPolicy { repeatable: true, ..BankPolicy::CAREFUL };
    let sent = |attempts| DeliveryView { attempts, may_have_reached: true, ..DeliveryView::first(start()) };
    let silent = Event::SendUnknown(Cause::TimedOut);
    for (attempts, rung) in [(1, 0), (2, 1), (9, 8)] {
        let unknown = go(State::Sending, sent(attempts), silent.clone(), errands, after(1)).unwrap();
        assert_eq!((unknown.state, unknown.due), (State::Unknown, Due::Query(rung)), "slower each time");
        let pending = go(State::Sending, sent(attempts), Event::Answered(Verdict::InHand), errands, after(1)).unwrap();
        assert_eq!((pending.state, pending.due), (State::Acked, Due::Query(rung)));
    }
    for state in [State::Unknown, State::Acked] {
        let again = go(state, sent(1), Event::Repeat, errands, after(71 * 60)).unwrap();
        assert_eq!((again.state, again.due), (State::Ready, Due::Now));
        guarded(go(state, sent(1), Event::Repeat, errands, after(72 * 60)), "resolve horizon");
        guarded(go(state, sent(1), Event::Repeat, POLICY, after(1)), "repeatable");
    }
    guarded(go(State::Unknown, sent(1), Event::DeadEnd, errands, after(15)), "not repeatable");
    // The newest answer tells how it is; a payment's second refusal would tell nothing of its first attempt.
    let no = go(State::Sending, sent(2), Event::Answered(Verdict::No), errands, after(15)).unwrap();
    assert_eq!(no.state, State::Failed);
}

#[test]
fn an_entry_of_the_register_never_was_at_a_bank() {
    assert!(advance(&message(State::Ready), None, &Event::Entered, &BankPolicy::CAREFUL, after(1)).is_ok());
    guarded(go(State::Ready, delivery(), Event::Entered, BankPolicy::CAREFUL, after(1)), "never sent");
}

#[test]
fn whoever_asks_does_not_push_the_timetable_on() {
    let [asked, due] = [Event::QueryAsked, Event::QueryDue]
        .map(|event| go(State::Unknown, delivery(), event, POLICY, after(1)).unwrap().delivery.unwrap());
    assert_eq!((asked.queries, asked.rung), (1, 0), "it has a number of its own");
    assert_eq!((due.queries, due.rung), (1, 1));
}
