//! Payments that the customer must approve (3-D Secure).

use super::*;

fn waiting() -> Payment {
    taught(requested(), [action_required()])
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
        assert_eq!((&payment.next_action, payment.action_expires_at, payment.next_attempt_at), (&None, None, None));
        assert_eq!(learn(payment, action_required()), Err(Rejection::AlreadyDone), "a late answer");
    }
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
    let refused = taught(waiting(), [declined()]);
    let (payment, events) = learn(refused, held()).unwrap();
    assert_eq!((events, payment.next(NOW)), (vec![], Some(Command::Void { intent: "pi_1".to_owned() })));
}

#[test]
fn an_intent_that_the_provider_gives_up_is_declined() {
    let (payment, events) = learn(waiting(), cancelled()).unwrap();
    assert!(matches!(&events[..], [PaymentEvent::Declined(event)] if event.code == "canceled"), "{events:?}");
    assert_eq!(payment.status, Status::Declined);
}

#[test]
fn the_provider_is_asked_when_the_customer_says_so_and_when_the_time_is_over() {
    let retrieve = Some(Command::Retrieve { intent: "pi_1".to_owned() });
    let decision = waiting().confirm(NOW).unwrap();
    assert_eq!((decision.command, decision.save), (retrieve.clone(), Save::WithAnswer));
    assert_eq!(waiting().next(LATE), retrieve);
    assert_eq!(requested().confirm(NOW), None);
    assert_eq!(taught(waiting(), [held()]).confirm(NOW), None);
}

#[test]
fn a_customer_who_has_not_decided_changes_nothing_until_the_time_is_over() {
    let Decision { payment, command, .. } = waiting().confirm(NOW).unwrap();
    let command = command.unwrap();
    let undecided = || vec![action_required()];
    assert_eq!(payment.clone().answered(&command, undecided(), refund_id(1), NOW), Err(Rejection::AlreadyDone));
    let late = payment.answered(&command, undecided(), refund_id(1), LATE).unwrap();
    assert_eq!((late.command, late.payment.next_attempt_at), (None, Some(LATE + FIRST_PAUSE * 2)));
}

#[test]
fn a_dispatch_before_the_approval_is_carried_out_after_it() {
    let payment = capture(waiting()).unwrap();
    assert_eq!(taught(payment, [held()]).next(NOW), Some(Command::Capture { intent: "pi_1".to_owned() }));
}
