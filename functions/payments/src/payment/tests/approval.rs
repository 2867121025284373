//! Payments that the customer must approve (3-D Secure).

use super::*;
use crate::payment::approval::NOT_AUTHENTICATED;

fn waiting() -> Payment {
    taught(requested(), [action_required()])
}

/// The customer was asked, and refused.
fn refused() -> Payment {
    taught(waiting(), [declined()])
}

fn void() -> Command {
    Command::Void { intent: "pi_1".to_owned() }
}

const LATE: Timestamp = Timestamp::constant(900, 0);

#[test]
fn a_payment_that_the_customer_must_approve_is_not_declined() {
    let (payment, events) = learn(requested(), action_required()).unwrap();
    let [PaymentEvent::ActionRequired(event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((payment.status, event.expires_at), (Status::ActionRequired, LATE));
    assert_eq!(payment.next(NOW), None, "the provider is not asked before the time is over");
    assert_eq!(payment.next_attempt_at, Some(LATE));
    assert!(payment.next_action.is_some() && payment.method.is_none());
    assert_eq!(learn(payment, action_required()), Err(Rejection::AlreadyDone));
}

#[test]
fn an_approval_or_a_refusal_decides_the_payment_and_forgets_the_secret() {
    let (approved, events) = learn(waiting(), held()).unwrap();
    assert!(matches!(events[..], [PaymentEvent::Authorized(_)]), "{events:?}");
    assert_eq!((approved.status, balances(&approved)), (Status::Authorized, (-1000, 1000, 0)));
    let (refused, events) = learn(waiting(), declined()).unwrap();
    assert!(matches!(events[..], [PaymentEvent::Declined(_)]), "{events:?}");
    for payment in [approved, refused] {
        assert_eq!((&payment.next_action, payment.action_expires_at), (&None, None));
        assert_eq!(learn(payment, action_required()), Err(Rejection::AlreadyDone), "a late answer");
    }
}

#[test]
fn an_approval_ends_with_the_time_for_which_the_order_waits() {
    let soon = NOW + SignedDuration::from_mins(5);
    let reserved = OrderReserved { deadline: soon, ..reserved() };
    let payment = Payment::authorize(None, &reserved, NOW).unwrap().payment;
    let (payment, events) = learn(payment, action_required()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::ActionRequired(event)] if event.expires_at == soon), "{events:?}");
    assert_eq!((payment.action_expires_at, payment.next_attempt_at), (Some(soon), Some(soon)));
    assert_eq!(payment.order_deadline, None, "it is stored only until it is known");
}

#[test]
fn the_customer_is_told_how_to_approve_only_while_it_is_of_use() {
    let told = |payment: &Payment, now| payment.open_action(now).map(|(_, expires_at)| expires_at);
    assert_eq!(told(&waiting(), LATE - SignedDuration::from_nanos(1)), Some(LATE));
    assert_eq!(told(&waiting(), LATE), None, "it is too late");
    let withdrawn = taught(cancel(waiting()).unwrap(), [Answer::Unknown]);
    assert_eq!((told(&withdrawn, NOW), withdrawn.status), (None, Status::ActionRequired), "the order is cancelled");
}

#[test]
fn an_order_that_is_cancelled_meanwhile_gives_up_the_payment() {
    let payment = cancel(waiting()).unwrap();
    assert_eq!(payment.next(NOW), Some(Command::Void { intent: "pi_1".to_owned() }));
    let (voided, events) = learn(payment.clone(), cancelled()).unwrap();
    assert!(matches!(events[..], [PaymentEvent::Voided(_)]), "{events:?}");
    assert_eq!((voided.status, voided.ledger.closes()), (Status::Voided, true));
    let approved = taught(payment, [held()]);
    assert_eq!(approved.next(NOW), Some(Command::Void { intent: "pi_1".to_owned() }), "approved too late");
}

#[test]
fn a_cancelled_order_does_not_wait_for_its_customer() {
    let (payment, events) = learn(cancel(requested()).unwrap(), action_required()).unwrap();
    assert_eq!((events, payment.next(NOW)), (vec![], Some(Command::Void { intent: "pi_1".to_owned() })));
}

#[test]
fn a_payment_that_is_approved_after_it_was_refused_is_given_back() {
    let withdrawn = taught(refused(), [cancelled()]);
    for payment in [refused(), withdrawn] {
        let (payment, events) = learn(payment, held()).unwrap();
        assert_eq!((events, payment.next(NOW), payment.withdrawing), (vec![], Some(void()), false));
        let (payment, events) = learn(payment, cancelled()).unwrap();
        assert!(matches!(events[..], [PaymentEvent::Voided(_)]), "{events:?}");
        assert_eq!((balances(&payment), payment.next(NOW)), ((0, 0, 0), None));
    }
}

#[test]
fn a_payment_that_the_customer_refused_is_withdrawn_once_so_that_it_cannot_be_paid_later() {
    let decision = Payment::apply_webhook(Some(waiting()), [declined()], refund_id(99), NOW).unwrap();
    assert_eq!((decision.save, &decision.command), (Save::Now, &Some(void())));
    assert_eq!(decision.payment.next_attempt_at, Some(NOW + FIRST_PAUSE));
    assert_eq!(cancel(decision.payment.clone()), Err(Rejection::AlreadyDone), "it is already given up");

    let Decision { payment, events, command, .. } =
        decision.payment.answered(&void(), vec![cancelled()], refund_id(99), NOW).unwrap();
    assert_eq!((payment.status, &events, command), (Status::Declined, &vec![], None));
    assert_eq!((payment.next(NOW), payment.next_attempt_at), (None, None));
    for answer in [cancelled(), declined()] {
        assert_eq!(learn(payment.clone(), answer), Err(Rejection::AlreadyDone));
    }
}

#[test]
fn a_payment_that_the_customer_refused_is_withdrawn_later_if_the_provider_does_not_do_it_now() {
    for answer in [Answer::Unknown, declined()] {
        let later = refused().answered(&void(), vec![answer], refund_id(99), NOW).unwrap();
        assert_eq!((later.command, later.events, later.payment.next(NOW)), (None, vec![], Some(void())));
        assert_eq!(later.payment.next_attempt_at, Some(NOW + FIRST_PAUSE * 2));
    }
}

#[test]
fn a_refusal_that_is_reported_before_the_question_is_withdrawn_as_well() {
    let answer = |intent: Option<&str>, code: &str| Answer::Declined {
        intent: intent.map(str::to_owned),
        code: code.to_owned(),
    };
    let next = |answer| taught(requested(), [answer]).next(NOW);
    assert_eq!(next(answer(Some("pi_1"), NOT_AUTHENTICATED)), Some(void()));
    assert_eq!(next(answer(Some("pi_1"), "generic_decline")), None, "the customer was not asked");
    assert_eq!(next(answer(None, NOT_AUTHENTICATED)), None, "there is nothing to withdraw");
}

#[test]
fn an_order_that_is_cancelled_withdraws_a_payment_that_is_refused_at_the_same_time() {
    let payment = cancel(waiting()).unwrap();
    let refused = payment.answered(&void(), vec![declined()], refund_id(99), NOW).unwrap();
    assert_eq!((refused.payment.status, refused.command), (Status::Declined, None));
    assert_eq!(refused.payment.next(NOW), Some(void()), "the provider is asked again");
}

#[test]
fn an_intent_that_the_provider_gives_up_is_declined() {
    let (payment, events) = learn(waiting(), cancelled()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Declined(event)] if event.code == "canceled"), "{events:?}");
    assert_eq!((payment.status, payment.next(NOW)), (Status::Declined, None), "it cannot be paid any more");
}

#[test]
fn the_provider_is_asked_when_the_customer_says_so_and_when_the_time_is_over() {
    let retrieve = Some(Command::Retrieve { intent: "pi_1".to_owned() });
    assert_eq!(waiting().confirm(), retrieve);
    assert_eq!(waiting().next(LATE), retrieve);
    for payment in [requested(), taught(waiting(), [held()]), refused(), cancel(waiting()).unwrap()] {
        assert_eq!(payment.confirm(), None);
    }
}

#[test]
fn a_customer_who_has_not_decided_changes_nothing_until_the_time_is_over() {
    let (payment, command) = (waiting(), waiting().confirm().unwrap());
    let undecided = || vec![action_required()];
    assert_eq!(payment.clone().answered(&command, undecided(), refund_id(1), NOW), Err(Rejection::AlreadyDone));
    let late = payment.answered(&command, undecided(), refund_id(1), LATE).unwrap();
    assert_eq!((late.command, late.payment.next_attempt_at), (None, Some(LATE + FIRST_PAUSE * 2)));
}

#[test]
fn a_dispatch_before_the_approval_is_carried_out_after_it() {
    let payment = capture(waiting()).unwrap();
    assert_eq!(capture(payment.clone()), Err(Rejection::AlreadyDone));
    assert_eq!(taught(payment, [held()]).next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
}

#[test]
fn a_dispatch_is_saved_at_once_unless_the_provider_is_asked_first() {
    let decision = Payment::capture(Some(waiting()), NOW).unwrap();
    assert_eq!((decision.save, decision.command), (Save::Now, None));
    let retrieve = Some(Command::Retrieve { intent: "pi_1".to_owned() });
    let late = Payment::capture(Some(waiting()), LATE).unwrap();
    assert_eq!((late.save, late.command), (Save::WithAnswer, retrieve));
}
