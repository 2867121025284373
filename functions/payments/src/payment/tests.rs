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
    let given_up = taught(authorized().cancel().unwrap(), [cancelled()]);
    assert_eq!(given_up.capture(), Err(Rejection::AlreadyDone), "the parcel is called back");
}

#[test]
fn a_cancellation_is_remembered_though_its_hold_was_given_up_before() {
    // Whoever gave it up ended before they could say so, and the webhook came first.
    let payment = taught(authorized(), [cancelled()]);
    let remembered = payment.clone().cancel().unwrap();
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
    let payment = requested().cancel().unwrap();
    assert!(matches!(payment.next(NOW), Some(Command::Authorize { .. })));
    let payment = taught(payment, [held()]);
    assert_eq!(payment.next(NOW), Some(Command::Void { intent: "pi_1".to_owned() }));
    let (payment, stated) = learn(payment, cancelled()).unwrap();
    assert!(matches!(&stated[..], [Stated::Voided(_)]));
    assert_eq!((payment.status, balances(&payment)), (Status::Voided, (0, 0, 0)));
    assert_eq!(payment.clone().cancel(), Err(Rejection::AlreadyDone));
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
    let payment = authorized().cancel().unwrap();
    let payment = taught(payment, [taken(1000)]);
    let refund = RefundId::from(Uuid::from_u128(1));
    let ask = Command::Refund { intent: "pi_1".to_owned(), refund, amount: eur(1000) };
    assert_eq!(payment.next(NOW), Some(ask.clone()));
    let (payment, stated) = learn(payment, Answer::Refunded { refund }).unwrap();
    assert!(matches!(&stated[..], [Stated::Refunded(event)] if event.customer == customer()));
    assert_eq!((balances(&payment), payment.next(NOW)), ((0, 0, 0), None));

    assert_eq!(captured().cancel().unwrap().next(NOW), Some(ask));
    assert_eq!(payment.cancel(), Err(Rejection::AlreadyDone));
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

#[test]
fn a_chargeback_takes_the_money_until_it_is_decided() {
    let opened = || Answer::DisputeOpened { dispute: "dp_1".to_owned(), amount: 1000, reason: "fraudulent".to_owned() };
    let closed = |won| Answer::DisputeClosed { dispute: "dp_1".to_owned(), won };
    let payment = taught(captured(), [opened()]);
    assert_eq!((balances(&payment), payment.ledger.balance(Account::Disputed)), ((-1000, 0, 0), 1000));
    assert_eq!(learn(payment.clone(), opened()), Err(Rejection::AlreadyDone));
    assert_eq!(balances(&taught(payment.clone(), [closed(true)])), (-1000, 0, 1000));
    assert_eq!(balances(&taught(payment, [closed(false)])), (0, 0, 0));
    assert_eq!(learn(captured(), closed(true)), Err(Rejection::UnknownDispute));

    let both = authorized().learn([taken(1000), opened()], refund_id(99), NOW).unwrap();
    assert_eq!((both.1.len(), both.0.version), (2, 4), "a chargeback tells of the capture before it");
}

#[test]
fn what_a_bank_gives_back_after_the_cancellation_is_the_customers() {
    let opened = Answer::DisputeOpened { dispute: "dp_1".to_owned(), amount: 1000, reason: "fraudulent".to_owned() };
    let payment = taught(captured(), [opened]).cancel().unwrap();
    assert_eq!(payment.next(NOW), None, "there is nothing to give back yet");
    let payment = taught(payment, [Answer::DisputeClosed { dispute: "dp_1".to_owned(), won: true }]);
    assert!(matches!(payment.next(NOW), Some(Command::Refund { amount, .. }) if amount == eur(1000)));
}

fn any_step() -> impl Strategy<Value = (u8, i64)> {
    (0u8..14, 1i64..=1000)
}

/// Wishes, answers to what is asked, and webhooks that come as they like.
fn step(payment: Payment, (kind, amount): (u8, i64), number: u128) -> Payment {
    let before = payment.clone();
    let answer =
        |payment: Payment, answer| payment.learn([answer], refund_id(1000 + number), NOW).map(|(next, _)| next);
    let next = match kind {
        0 => payment.cancel().and_then(|payment| answer(payment, Answer::Unknown)),
        1 => payment.capture().and_then(|payment| answer(payment, Answer::Unknown)),
        2 => payment.refund(refund_id(number + 10), eur(amount), "test", NOW).map(|(payment, _)| payment),
        3 => answer(payment, held()),
        4 => answer(payment, taken(amount)),
        5 => answer(payment, cancelled()),
        6 => answer(payment, declined()),
        7 => {
            let amount = amount.min(payment.ledger.balance(Account::Cash) + payment.ledger.total(Kind::Refund).amount);
            answer(payment, Answer::RefundedInAll { amount })
        }
        8 => answer(payment, Answer::DisputeOpened { dispute: "dp".to_owned(), amount, reason: String::new() }),
        9 => answer(payment, Answer::DisputeClosed { dispute: "dp".to_owned(), won: amount > 500 }),
        10 => answer(payment, Answer::Unknown),
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
            prop_assert!(total(Kind::Refund) <= total(Kind::Capture));
            prop_assert_eq!(payment.status == Status::Authorized, payment.ledger.balance(Account::Held) > 0);
            prop_assert_eq!(payment.due.is_some(), payment.next(NOW).is_some());
        }
    }
}
