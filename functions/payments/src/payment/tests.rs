mod chargeback;

use contracts::UserId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ledger::{Account, Kind};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::Eur)
}

fn customer() -> UserId {
    Uuid::from_u128(2).into()
}

fn refund_id(number: u128) -> RefundId {
    Uuid::from_u128(number).into()
}

fn requested() -> Payment {
    let payment_method = Sealed::from_ciphertext("sealed".to_owned());
    let order = OrderReserved {
        order: Uuid::from_u128(1).into(),
        customer: customer(),
        total: eur(1000),
        payment_method,
        deadline: NOW,
    };
    Payment::request(&order, NOW)
}

fn learn(payment: Payment, answer: Answer) -> Result<(Payment, Vec<Stated>), Rejection> {
    payment.learn([answer], refund_id(99), NOW)
}

fn taught(payment: Payment, answers: impl IntoIterator<Item = Answer>) -> Payment {
    answers.into_iter().fold(payment, |payment, answer| learn(payment, answer).unwrap().0)
}

fn held() -> Answer {
    Answer::Held { intent: "pi_1".to_owned() }
}

fn taken(amount: i64) -> Answer {
    Answer::Taken { intent: "pi_1".to_owned(), amount }
}

fn cancelled() -> Answer {
    Answer::Cancelled { intent: "pi_1".to_owned() }
}

fn declined() -> Answer {
    Answer::Declined { intent: Some("pi_1".to_owned()), code: "generic_decline".to_owned() }
}

fn opened() -> Answer {
    Answer::DisputeOpened { dispute: "dp_1".to_owned(), amount: 1000, reason: "fraudulent".to_owned() }
}

fn closed(won: bool) -> Answer {
    Answer::DisputeClosed { dispute: "dp_1".to_owned(), amount: 1000, reason: "fraudulent".to_owned(), won }
}

fn authorized() -> Payment {
    taught(requested(), [held()])
}

fn captured() -> Payment {
    taught(authorized().capture().unwrap(), [taken(1000)])
}

fn balances(payment: &Payment) -> (i64, i64, i64) {
    let balance = |account| payment.ledger.balance(account);
    (balance(Account::Customer), balance(Account::Held), balance(Account::Cash))
}

#[test]
fn an_amount_is_held_then_taken() {
    let (payment, stated) = learn(requested(), held()).unwrap();
    assert!(matches!(&stated[..], [Stated::Authorized(event)] if event.amount == eur(1000)));
    assert_eq!((payment.status, payment.next(NOW), payment.due), (Status::Authorized, None, None));
    assert_eq!(balances(&payment), (-1000, 1000, 0));
    let payment = payment.capture().unwrap();
    assert_eq!(payment.next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
    let (payment, stated) = learn(payment, taken(1000)).unwrap();
    assert!(matches!(&stated[..], [Stated::Captured(event)] if event.amount == eur(1000)));
    assert_eq!(balances(&payment), (-1000, 0, 1000));
}

#[test]
fn goods_do_not_leave_unnoticed_on_a_hold_that_lapsed() {
    let lapsed = taught(authorized(), [cancelled()]);
    assert_eq!(lapsed.capture(), Err(Rejection::NotPaid { status: Status::Voided }));
    let given_up = taught(authorized().cancel(NOW).unwrap(), [cancelled()]);
    assert_eq!(given_up.capture(), Err(Rejection::AlreadyDone), "the parcel is called back");
}

#[test]
fn a_cancellation_is_remembered_though_its_hold_was_given_up_before() {
    // Whoever gave it up ended before they could say so, and the webhook came first.
    let payment = taught(authorized(), [cancelled()]);
    let remembered = payment.clone().cancel(NOW).unwrap();
    assert_eq!((remembered.version, remembered.next(NOW)), (payment.version + 1, None));
    assert_eq!(remembered.capture(), Err(Rejection::AlreadyDone), "the parcel is called back");
}

#[test]
fn what_is_not_taken_of_a_hold_is_free_again() {
    let payment = taught(authorized().capture().unwrap(), [taken(900)]);
    assert_eq!(balances(&payment), (-900, 0, 900));
}

#[test]
fn a_silent_provider_is_asked_with_the_same_key_in_growing_pauses() {
    let payment = requested();
    let Some(Command::Authorize { key, .. }) = payment.next(NOW) else { panic!("nothing to ask") };
    let mut pauses = vec![payment.due.unwrap().duration_since(NOW).as_secs()];
    let mut payment = payment;
    for _ in 0..8 {
        payment = taught(payment, [Answer::Unknown]);
        assert!(matches!(payment.next(NOW), Some(Command::Authorize { key: again, .. }) if again == key));
        pauses.push(payment.due.unwrap().duration_since(NOW).as_secs());
    }
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
}

#[test]
fn a_provider_that_forgets_its_keys_is_asked_no_more() {
    let late = NOW + KEY_LIVES;
    let payment = taught(requested(), [Answer::Unknown]);
    assert_eq!(payment.next(late), Some(Command::GiveUp));
    let given_up = Answer::Declined { intent: None, code: "provider-unreachable".to_owned() };
    let (payment, stated) = learn(payment, given_up).unwrap();
    assert!(matches!(&stated[..], [Stated::Declined(_)]));
    assert_eq!((payment.next(late), payment.due), (None, None));

    let (payment, stated) = learn(payment, held()).unwrap();
    assert_eq!((stated, payment.next(late)), (vec![], Some(Command::Void { intent: "pi_1".to_owned() })));
    assert_eq!(balances(&taught(payment, [cancelled()])), (0, 0, 0));
}

#[test]
fn nothing_is_learned_twice() {
    assert_eq!(learn(authorized(), held()), Err(Rejection::AlreadyDone));
    assert_eq!(learn(captured(), taken(1000)), Err(Rejection::AlreadyDone));
    assert_eq!(learn(captured(), held()), Err(Rejection::AlreadyDone));
    let refused = taught(requested(), [declined()]);
    assert_eq!(learn(refused.clone(), declined()), Err(Rejection::AlreadyDone));
    assert_eq!(learn(refused, held()), Err(Rejection::AlreadyDone), "a late webhook of the declined intent");
    assert_eq!(captured().capture(), Err(Rejection::AlreadyDone));
}

#[test]
fn a_cancellation_before_the_word_is_carried_out_after_it() {
    let payment = requested().cancel(NOW).unwrap();
    assert!(matches!(payment.next(NOW), Some(Command::Authorize { .. })));
    let payment = taught(payment, [held()]);
    assert_eq!(payment.next(NOW), Some(Command::Void { intent: "pi_1".to_owned() }));
    let (payment, stated) = learn(payment, cancelled()).unwrap();
    assert!(matches!(&stated[..], [Stated::Voided(_)]));
    assert_eq!((payment.status, balances(&payment)), (Status::Voided, (0, 0, 0)));
    assert_eq!(payment.clone().cancel(NOW), Err(Rejection::AlreadyDone));
    assert_eq!(payment.capture(), Err(Rejection::AlreadyDone));
}

#[test]
fn a_dispatch_before_the_word_is_carried_out_after_it() {
    let payment = taught(requested().capture().unwrap(), [held()]);
    assert_eq!(payment.next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
    assert!(matches!(taught(requested(), [declined()]).capture(), Err(Rejection::NotPaid { .. })));
}

#[test]
fn a_cancellation_that_finds_the_money_taken_gives_it_back_once() {
    let payment = authorized().cancel(NOW).unwrap();
    let payment = taught(payment, [taken(1000)]);
    let refund = RefundId::from(Uuid::from_u128(1));
    let ask = Command::Refund { intent: "pi_1".to_owned(), refund, amount: eur(1000) };
    assert_eq!(payment.next(NOW), Some(ask.clone()));
    let (payment, stated) = learn(payment, Answer::Refunded { refund }).unwrap();
    assert!(matches!(&stated[..], [Stated::Refunded(event)] if event.customer == customer()));
    assert_eq!((balances(&payment), payment.next(NOW)), ((0, 0, 0), None));

    assert_eq!(captured().cancel(NOW).unwrap().next(NOW), Some(ask));
    assert_eq!(payment.cancel(NOW), Err(Rejection::AlreadyDone));
}

#[test]
fn an_order_cancelled_before_it_was_to_be_paid_never_is() {
    let tombstone = Payment::tombstone(Uuid::from_u128(1).into(), customer(), NOW);
    assert_eq!(tombstone.next(NOW), None);
    assert_eq!(tombstone.resume(), Err(Rejection::AlreadyDone));
}

#[test]
fn refunds_never_exceed_what_was_captured() {
    let (payment, _) = captured().refund(refund_id(5), eur(600), "broken", NOW).unwrap();
    let too_much = payment.clone().refund(refund_id(6), eur(500), "broken", NOW);
    assert_eq!(too_much, Err(Rejection::TooMuch { refundable: eur(400) }));
    let failed = Answer::RefundFailed { refund: refund_id(5), code: "charge_disputed".to_owned() };
    assert!(taught(payment, [failed]).refund(refund_id(6), eur(1000), "broken", NOW).is_ok());
    let yen = captured().refund(refund_id(5), Money::new(1, Currency::Jpy), "broken", NOW);
    assert_eq!(yen, Err(Rejection::WrongCurrency { currency: Currency::Eur }));
    let early = authorized().refund(refund_id(5), eur(1), "broken", NOW);
    assert_eq!(early, Err(Rejection::NotCaptured { status: Status::Authorized }));
}

fn refund_failed(refund: RefundId) -> Answer {
    Answer::RefundFailed { refund, code: "refused".to_owned() }
}

fn reversed(refund: RefundId, left: i64) -> Answer {
    Answer::RefundReversed { refund: Some(refund), code: "lost_or_stolen_card".to_owned(), left }
}

/// The refund that the provider is to be asked for.
fn asked(payment: &Payment) -> Option<(RefundId, i64)> {
    match payment.next(NOW) {
        Some(Command::Refund { refund, amount, .. }) => Some((refund, amount.amount)),
        _ => None,
    }
}

#[test]
fn what_the_provider_leaves_undone_is_asked_again_like_what_it_does_not_answer() {
    for wish in [Payment::capture, |payment: Payment| payment.cancel(NOW)] {
        let payment = wish(authorized()).unwrap();
        let (command, version) = (payment.next(NOW), payment.version);
        let (payment, stated) = payment.hear([held()], refund_id(99), NOW).unwrap();
        assert_eq!((payment.next(NOW), stated, payment.version), (command, vec![], version + 1));
        assert_eq!(payment.due, Some(NOW + SignedDuration::from_secs(60)));
        assert_eq!(wish(payment), Err(Rejection::AlreadyDone), "the wish is kept");
    }
    assert_eq!(authorized().hear([held()], refund_id(99), NOW), Err(Rejection::AlreadyDone), "nothing is wanted");
}

#[test]
fn a_cancelled_orders_money_that_is_refused_is_asked_for_again_under_another_key() {
    let payment = captured().cancel(NOW).unwrap();
    let (first, _) = asked(&payment).unwrap();
    let payment = taught(payment, [Answer::Unknown]);
    assert_eq!(asked(&payment), Some((first, 1000)), "an unknown outcome keeps its key");
    let payment = taught(payment, [refund_failed(first)]);
    let (second, amount) = asked(&payment).unwrap();
    assert_eq!((second == first, amount, payment.due), (false, 1000, Some(NOW + SignedDuration::from_secs(60))));
    assert_eq!(learn(payment.clone(), refund_failed(first)), Err(Rejection::AlreadyDone));
    let payment = taught(payment, [Answer::Refunded { refund: second }]);
    assert_eq!((balances(&payment), asked(&payment), payment.due), ((0, 0, 0), None, None));
}

#[test]
fn a_refund_that_is_refused_because_it_was_given_before_is_not_made_again() {
    let payment = captured().cancel(NOW).unwrap();
    let (refund, _) = asked(&payment).unwrap();
    let answers = [Answer::RefundedInAll { amount: 1000 }, refund_failed(refund)];
    let (payment, stated) = payment.hear(answers, refund_id(99), NOW).unwrap();
    assert!(matches!(&stated[..], [Stated::Refunded(event)] if event.refund == refund));
    assert_eq!((balances(&payment), asked(&payment)), ((0, 0, 0), None));
}

#[test]
fn after_many_refusals_people_look_at_it_until_something_changes() {
    let mut payment = captured().cancel(NOW).unwrap();
    let mut keys = Vec::new();
    while let Some((refund, _)) = asked(&payment) {
        keys.push(refund);
        payment = taught(payment, [refund_failed(refund)]);
    }
    keys.dedup();
    assert_eq!((keys.len(), payment.due), (12, None));
    let payment = taught(payment, [opened()]);
    assert_eq!(asked(&payment), None);
    let payment = taught(payment, [closed(true)]);
    assert!(asked(&payment).is_some_and(|(refund, amount)| amount == 1000 && !keys.contains(&refund)));
}

#[test]
fn a_refund_that_fails_later_is_the_shops_again() {
    let (payment, _) = captured().refund(refund_id(5), eur(600), "broken", NOW).unwrap();
    let payment = taught(payment, [Answer::Refunded { refund: refund_id(5) }, reversed(refund_id(5), 0)]);
    assert_eq!((balances(&payment), payment.ledger.refunded(), asked(&payment)), ((-1000, 0, 1000), eur(0), None));
    assert_eq!(learn(payment.clone(), reversed(refund_id(5), 0)), Err(Rejection::AlreadyDone));
    assert_eq!(learn(payment.clone(), Answer::Refunded { refund: refund_id(5) }), Err(Rejection::AlreadyDone));
    assert!(payment.refund(refund_id(6), eur(1000), "broken", NOW).is_ok());

    let payment = captured().cancel(NOW).unwrap();
    let (first, _) = asked(&payment).unwrap();
    let payment = taught(payment, [Answer::Refunded { refund: first }, reversed(first, 0)]);
    assert!(asked(&payment).is_some_and(|(refund, amount)| amount == 1000 && refund != first));

    let early = taught(captured().cancel(NOW).unwrap(), [reversed(first, 0)]);
    assert!(asked(&early).is_some_and(|(refund, _)| refund != first), "it came before the answer");
    assert_eq!(learn(early, Answer::Refunded { refund: first }), Err(Rejection::AlreadyDone));
}

#[test]
fn a_refund_of_the_providers_own_console_fails_later_as_well() {
    let payment = taught(captured(), [Answer::RefundedInAll { amount: 300 }]);
    let payment = payment.learn([Answer::RefundedInAll { amount: 700 }], refund_id(98), NOW).unwrap().0;
    let answer = |left| Answer::RefundReversed { refund: None, code: "expired_or_canceled_card".to_owned(), left };
    let payment = taught(payment, [answer(300)]);
    assert_eq!((payment.ledger.refunded(), payment.ledger.closes()), (eur(300), true));
}

#[test]
fn a_refund_made_at_the_provider_is_booked() {
    let (payment, _) = captured().refund(refund_id(5), eur(600), "broken", NOW).unwrap();
    let (payment, stated) = learn(payment, Answer::RefundedInAll { amount: 500 }).unwrap();
    assert_eq!((stated, payment.ledger.total(Kind::Refund)), (vec![], eur(0)), "it may be some of ours");
    assert_eq!(learn(payment.clone(), Answer::RefundedInAll { amount: 500 }), Err(Rejection::AlreadyDone));
    let failed = Answer::RefundFailed { refund: refund_id(5), code: "amount_too_large".to_owned() };
    assert_eq!(taught(payment.clone(), [failed]).ledger.total(Kind::Refund), eur(500), "it was none of ours");
    let (payment, stated) = learn(payment, Answer::RefundedInAll { amount: 700 }).unwrap();
    let amounts =
        stated.iter().map(|stated| if let Stated::Refunded(event) = stated { event.amount.amount } else { 0 });
    assert_eq!((amounts.collect::<Vec<_>>(), payment.ledger.total(Kind::Refund)), (vec![600, 100], eur(700)));
    assert_eq!(learn(payment, Answer::Refunded { refund: refund_id(5) }), Err(Rejection::AlreadyDone));
}

fn any_step() -> impl Strategy<Value = (u8, i64)> {
    (0u8..16, 1i64..=1000)
}

/// Wishes, answers to what is asked, and webhooks that come as they like.
fn step(payment: Payment, (kind, amount): (u8, i64), number: u128) -> Payment {
    let before = payment.clone();
    let answer =
        |payment: Payment, answer| payment.learn([answer], refund_id(1000 + number), NOW).map(|(next, _)| next);
    let next = match kind {
        0 => payment.cancel(NOW).and_then(|payment| answer(payment, Answer::Unknown)),
        1 => payment.capture().and_then(|payment| answer(payment, Answer::Unknown)),
        2 => payment.refund(refund_id(number + 10), eur(amount), "test", NOW).map(|(payment, _)| payment),
        3 => answer(payment, held()),
        4 => answer(payment, taken(amount)),
        5 => answer(payment, cancelled()),
        6 => answer(payment, declined()),
        7 => {
            let amount = amount.min(payment.ledger.balance(Account::Cash) + payment.ledger.refunded().amount);
            answer(payment, Answer::RefundedInAll { amount })
        }
        8 => answer(payment, Answer::DisputeOpened { dispute: "dp".to_owned(), amount, reason: String::new() }),
        9 => {
            let (dispute, won) = ("dp".to_owned(), amount > 500);
            answer(payment, Answer::DisputeClosed { dispute, amount, reason: String::new(), won })
        }
        10 => answer(payment, Answer::Unknown),
        11 => {
            let refund = payment.refunds.first().map(|refund| refund.id);
            let left = amount.min(payment.ledger.refunded().amount);
            answer(payment, Answer::RefundReversed { refund, code: String::new(), left })
        }
        12 => match asked(&payment) {
            Some((refund, _)) => answer(payment, refund_failed(refund)),
            None => Ok(payment),
        },
        _ => match payment.next(NOW) {
            Some(Command::Authorize { .. }) => answer(payment, held()),
            Some(Command::Capture { .. }) => answer(payment, taken(1000)),
            Some(Command::Void { .. }) => answer(payment, cancelled()),
            Some(Command::Refund { refund, .. }) => answer(payment, Answer::Refunded { refund }),
            Some(Command::GiveUp) | None => Ok(payment),
        },
    };
    next.unwrap_or(before)
}

proptest! {
    #[test]
    fn money_is_conserved_whatever_happens(steps in proptest::collection::vec(any_step(), 0..40)) {
        let mut payment = requested();
        for (number, what) in (1u128..).zip(steps) {
            payment = step(payment, what, number);
            let total = |kind| payment.ledger.total(kind).amount;
            prop_assert!(payment.ledger.closes());
            prop_assert!(payment.ledger.balance(Account::Held) >= 0 && payment.ledger.balance(Account::Disputed) >= 0);
            prop_assert!(total(Kind::Authorization) <= 1000, "held more than once");
            let refunded = payment.ledger.refunded().amount;
            prop_assert!((0..=total(Kind::Capture)).contains(&refunded));
            prop_assert_eq!(payment.status == Status::Authorized, payment.ledger.balance(Account::Held) > 0);
            prop_assert_eq!(payment.due.is_some(), payment.next(NOW).is_some());
        }
    }
}
