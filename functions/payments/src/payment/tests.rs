mod chargeback;
mod decide;

mod approval;
mod random;

use contracts::{
    UserId,
    events::orders::{CancelReason, OrderCancelled, OrderReserved},
};
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

fn reserved() -> OrderReserved {
    let payment_method = Sealed::from_ciphertext("sealed".to_owned());
    let (order, customer) = (Uuid::from_u128(1).into(), customer());
    let deadline = NOW + SignedDuration::from_hours(1);
    OrderReserved { order, customer, total: eur(1000), payment_method, return_url: None, deadline }
}

fn order_cancelled() -> OrderCancelled {
    OrderCancelled::of(Uuid::from_u128(1).into(), customer(), CancelReason::Requested)
}

fn requested() -> Payment {
    Payment::authorize(None, &reserved(), NOW).unwrap().payment
}

fn capture(payment: Payment) -> Result<Payment, Rejection> {
    Payment::capture(Some(payment), NOW).map(|decision| decision.payment)
}

fn cancel(payment: Payment) -> Result<Payment, Rejection> {
    Payment::cancel(Some(payment), &order_cancelled(), NOW).map(|decision| decision.payment)
}

fn refund(payment: Payment, number: u128, amount: Money) -> Result<Payment, Rejection> {
    payment.refund(refund_id(number), amount, "broken", NOW).map(|(decision, _)| decision.payment)
}

fn learn(payment: Payment, answer: Answer) -> Result<(Payment, Vec<PaymentEvent>), Rejection> {
    payment.learn([answer], refund_id(99), NOW)
}

fn taught(payment: Payment, answers: impl IntoIterator<Item = Answer>) -> Payment {
    answers.into_iter().fold(payment, |payment, answer| learn(payment, answer).unwrap().0)
}

fn action_required() -> Answer {
    Answer::ActionRequired { intent: "pi_1".to_owned(), action: Sealed::from_ciphertext("sealed".to_owned()) }
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
    taught(capture(authorized()).unwrap(), [taken(1000)])
}

fn balances(payment: &Payment) -> (i64, i64, i64) {
    let balance = |account| payment.ledger.balance(account);
    (balance(Account::Customer), balance(Account::Held), balance(Account::Cash))
}

#[test]
fn an_amount_is_held_then_taken() {
    let (payment, events) = learn(requested(), held()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Authorized(event)] if event.amount == eur(1000)));
    assert_eq!((payment.status, payment.next(NOW), payment.next_attempt_at), (Status::Authorized, None, None));
    assert_eq!(balances(&payment), (-1000, 1000, 0));
    let payment = capture(payment).unwrap();
    assert_eq!(payment.next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
    let (payment, events) = learn(payment, taken(1000)).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Captured(event)] if event.amount == eur(1000)));
    assert_eq!(balances(&payment), (-1000, 0, 1000));
}

#[test]
fn goods_do_not_leave_unnoticed_on_a_hold_that_lapsed() {
    let lapsed = taught(authorized(), [cancelled()]);
    assert_eq!(capture(lapsed), Err(Rejection::NotPaid { status: Status::Voided }));
    let given_up = taught(cancel(authorized()).unwrap(), [cancelled()]);
    assert_eq!(capture(given_up), Err(Rejection::AlreadyDone), "the parcel is called back");
}

#[test]
fn a_cancellation_is_remembered_though_its_hold_was_given_up_before() {
    // The function that voided it ended before it saved the answer, and the webhook arrived first.
    let payment = taught(authorized(), [cancelled()]);
    let remembered = cancel(payment.clone()).unwrap();
    assert_eq!(remembered.next(NOW), None);
    assert_eq!(capture(remembered), Err(Rejection::AlreadyDone), "the parcel is called back");
}

#[test]
fn what_is_not_taken_of_a_hold_is_free_again() {
    let payment = taught(capture(authorized()).unwrap(), [taken(900)]);
    assert_eq!(balances(&payment), (-900, 0, 900));
}

#[test]
fn a_silent_provider_is_asked_with_the_same_key_in_growing_pauses() {
    let payment = requested();
    let Some(Command::Authorize { key, .. }) = payment.next(NOW) else { panic!("nothing to ask") };
    let mut pauses = vec![payment.next_attempt_at.unwrap().duration_since(NOW).as_secs()];
    let mut payment = payment;
    for _ in 0..8 {
        payment = taught(payment, [Answer::Unknown]);
        assert!(matches!(payment.next(NOW), Some(Command::Authorize { key: again, .. }) if again == key));
        pauses.push(payment.next_attempt_at.unwrap().duration_since(NOW).as_secs());
    }
    assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
}

#[test]
fn a_provider_that_forgets_its_keys_is_asked_for_the_intent_until_it_answers() {
    let late = NOW + KEY_LIVES;
    let payment = taught(requested(), [Answer::Unknown]);
    let find = Some(Command::Find { order: payment.order });
    assert_eq!(payment.next(late), find);
    let payment = taught(payment, [Answer::Unknown]);
    assert_eq!((payment.next(late), payment.status), (find, Status::Pending));
    let (found, events) = learn(payment.clone(), held()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Authorized(_)]) && found.status == Status::Authorized);
    let (payment, events) = learn(payment, Answer::not_found()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Declined(_)]));
    assert_eq!((payment.next(late), payment.next_attempt_at), (None, None));

    let (payment, events) = learn(payment, held()).unwrap();
    assert_eq!((events, payment.next(late)), (vec![], Some(Command::Void { intent: "pi_1".to_owned() })));
    assert_eq!(balances(&taught(payment, [cancelled()])), (0, 0, 0));
}

#[test]
fn nothing_is_learned_twice() {
    assert_eq!(learn(authorized(), held()), Err(Rejection::AlreadyDone));
    assert_eq!(learn(captured(), taken(1000)), Err(Rejection::AlreadyDone));
    assert_eq!(learn(captured(), held()), Err(Rejection::AlreadyDone));
    let refused = taught(requested(), [declined()]);
    assert_eq!(learn(refused.clone(), declined()), Err(Rejection::AlreadyDone));
    assert_eq!(capture(captured()), Err(Rejection::AlreadyDone));
}

#[test]
fn a_cancellation_before_the_word_is_carried_out_after_it() {
    let payment = cancel(requested()).unwrap();
    assert!(matches!(payment.next(NOW), Some(Command::Authorize { .. })));
    let payment = taught(payment, [held()]);
    assert_eq!(payment.next(NOW), Some(Command::Void { intent: "pi_1".to_owned() }));
    let (payment, events) = learn(payment, cancelled()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Voided(_)]));
    assert_eq!((payment.status, balances(&payment)), (Status::Voided, (0, 0, 0)));
    assert_eq!(cancel(payment.clone()), Err(Rejection::AlreadyDone));
    assert_eq!(capture(payment), Err(Rejection::AlreadyDone));
}

#[test]
fn a_dispatch_before_the_word_is_carried_out_after_it() {
    let payment = taught(capture(requested()).unwrap(), [held()]);
    assert_eq!(payment.next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
    assert!(matches!(capture(taught(requested(), [declined()])), Err(Rejection::NotPaid { .. })));
}

#[test]
fn a_cancellation_that_finds_the_money_taken_gives_it_back_once() {
    let payment = cancel(authorized()).unwrap();
    let payment = taught(payment, [taken(1000)]);
    let refund = RefundId::from(Uuid::from_u128(1));
    let ask = Command::Refund { intent: "pi_1".to_owned(), refund, amount: eur(1000) };
    assert_eq!(payment.next(NOW), Some(ask.clone()));
    let (payment, events) = learn(payment, Answer::Refunded { refund }).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Refunded(event)] if event.customer == customer()));
    assert_eq!((balances(&payment), payment.next(NOW)), ((0, 0, 0), None));

    assert_eq!(cancel(captured()).unwrap().next(NOW), Some(ask));
    assert_eq!(cancel(payment), Err(Rejection::AlreadyDone));
}

#[test]
fn refunds_never_exceed_what_was_captured() {
    let payment = refund(captured(), 5, eur(600)).unwrap();
    let too_much = refund(payment.clone(), 6, eur(500));
    assert_eq!(too_much, Err(Rejection::TooMuch { refundable: eur(400) }));
    let failed = Answer::RefundFailed { refund: refund_id(5), code: "charge_disputed".to_owned() };
    assert!(refund(taught(payment, [failed]), 6, eur(1000)).is_ok());
    let yen = refund(captured(), 5, Money::new(1, Currency::Jpy));
    assert_eq!(yen, Err(Rejection::WrongCurrency { currency: Currency::Eur }));
    let early = refund(authorized(), 5, eur(1));
    assert_eq!(early, Err(Rejection::NotCaptured { status: Status::Authorized }));
}

fn refund_failed(refund: RefundId) -> Answer {
    Answer::RefundFailed { refund, code: "refused".to_owned() }
}

fn reversed(refund: RefundId, left: i64) -> Answer {
    Answer::RefundReversed { refund: Some(refund), code: "lost_or_stolen_card".to_owned(), left }
}

/// The refund in the next command.
fn asked(payment: &Payment) -> Option<(RefundId, i64)> {
    match payment.next(NOW) {
        Some(Command::Refund { refund, amount, .. }) => Some((refund, amount.amount)),
        _ => None,
    }
}

#[test]
fn a_cancelled_orders_money_that_is_refused_is_asked_for_again_under_another_key() {
    let payment = cancel(captured()).unwrap();
    let (first, _) = asked(&payment).unwrap();
    let payment = taught(payment, [Answer::Unknown]);
    assert_eq!(asked(&payment), Some((first, 1000)), "an unknown outcome keeps its key");
    let payment = taught(payment, [refund_failed(first)]);
    let (second, amount) = asked(&payment).unwrap();
    assert_eq!(
        (second == first, amount, payment.next_attempt_at),
        (false, 1000, Some(NOW + SignedDuration::from_secs(60)))
    );
    assert_eq!(learn(payment.clone(), refund_failed(first)), Err(Rejection::AlreadyDone));
    let payment = taught(payment, [Answer::Refunded { refund: second }]);
    assert_eq!((balances(&payment), asked(&payment), payment.next_attempt_at), ((0, 0, 0), None, None));
}

#[test]
fn a_refund_that_is_refused_because_it_was_given_before_is_not_made_again() {
    let payment = cancel(captured()).unwrap();
    let (refund, _) = asked(&payment).unwrap();
    let answers = [Answer::RefundedInAll { amount: 1000 }, refund_failed(refund)];
    let (payment, events) = payment.learn(answers, refund_id(99), NOW).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Refunded(event)] if event.refund == refund));
    assert_eq!((balances(&payment), asked(&payment)), ((0, 0, 0), None));
}

#[test]
fn after_many_refusals_people_look_at_it_until_something_changes() {
    let mut payment = cancel(captured()).unwrap();
    let mut keys = Vec::new();
    while let Some((refund, _)) = asked(&payment) {
        keys.push(refund);
        payment = taught(payment, [refund_failed(refund)]);
    }
    keys.dedup();
    assert_eq!((keys.len(), payment.next_attempt_at), (12, None));
    let payment = taught(payment, [opened()]);
    assert_eq!(asked(&payment), None);
    let payment = taught(payment, [closed(true)]);
    assert!(asked(&payment).is_some_and(|(refund, amount)| amount == 1000 && !keys.contains(&refund)));
}

#[test]
fn a_refund_that_fails_later_is_the_shops_again() {
    let payment = refund(captured(), 5, eur(600)).unwrap();
    let payment = taught(payment, [Answer::Refunded { refund: refund_id(5) }, reversed(refund_id(5), 0)]);
    assert_eq!((balances(&payment), payment.ledger.refunded(), asked(&payment)), ((-1000, 0, 1000), eur(0), None));
    assert_eq!(learn(payment.clone(), reversed(refund_id(5), 0)), Err(Rejection::AlreadyDone));
    assert_eq!(learn(payment.clone(), Answer::Refunded { refund: refund_id(5) }), Err(Rejection::AlreadyDone));
    assert!(refund(payment, 6, eur(1000)).is_ok());

    let payment = cancel(captured()).unwrap();
    let (first, _) = asked(&payment).unwrap();
    let payment = taught(payment, [Answer::Refunded { refund: first }, reversed(first, 0)]);
    assert!(asked(&payment).is_some_and(|(refund, amount)| amount == 1000 && refund != first));

    let early = taught(cancel(captured()).unwrap(), [reversed(first, 0)]);
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
    let payment = refund(captured(), 5, eur(600)).unwrap();
    let (payment, events) = learn(payment, Answer::RefundedInAll { amount: 500 }).unwrap();
    assert_eq!((events, payment.ledger.total(Kind::Refund)), (vec![], eur(0)), "it may be some of ours");
    assert_eq!(learn(payment.clone(), Answer::RefundedInAll { amount: 500 }), Err(Rejection::AlreadyDone));
    let failed = Answer::RefundFailed { refund: refund_id(5), code: "amount_too_large".to_owned() };
    assert_eq!(taught(payment.clone(), [failed]).ledger.total(Kind::Refund), eur(500), "it was none of ours");
    let (payment, events) = learn(payment, Answer::RefundedInAll { amount: 700 }).unwrap();
    let amounts =
        events.iter().map(|events| if let PaymentEvent::Refunded(event) = events { event.amount.amount } else { 0 });
    assert_eq!((amounts.collect::<Vec<_>>(), payment.ledger.total(Kind::Refund)), (vec![600, 100], eur(700)));
    assert_eq!(learn(payment, Answer::Refunded { refund: refund_id(5) }), Err(Rejection::AlreadyDone));
}
