use super::*;

fn tombstone() -> Payment {
    Payment::cancel(None, &order_cancelled(), NOW).unwrap().payment
}

fn answered(payment: Payment, command: &Command, answers: Vec<Answer>) -> Decision {
    payment.answered(command, answers, refund_id(99), NOW).unwrap()
}

#[test]
fn a_payment_is_saved_before_the_provider_is_asked() {
    let decision = Payment::authorize(None, &reserved(), NOW).unwrap();
    assert_eq!(decision.save, Save::Now);
    assert!(matches!(decision.command, Some(Command::Authorize { amount, .. }) if amount == eur(1000)));
}

#[test]
fn a_redelivery_goes_on_until_the_provider_was_asked() {
    let authorize = |payment: Payment| Payment::authorize(Some(payment), &reserved(), NOW);
    let again = authorize(requested()).unwrap();
    assert_eq!((again.save, &again.payment), (Save::WithAnswer, &requested()));
    assert!(matches!(again.command, Some(Command::Authorize { .. })));
    let unanswered = taught(requested(), [Answer::Unknown]);
    for payment in [unanswered, authorized(), tombstone()] {
        assert_eq!(authorize(payment), Err(Rejection::AlreadyDone));
    }
}

#[test]
fn a_capture_is_saved_with_the_answer() {
    let decision = Payment::capture(Some(authorized()), NOW).unwrap();
    assert_eq!((decision.save, decision.payment.version), (Save::WithAnswer, authorized().version));
    assert_eq!(decision.command, Some(Command::Capture { intent: "pi_1".to_owned() }));
    assert_eq!(Payment::capture(None, NOW), Err(Rejection::NotPaid { status: Status::Pending }));
}

#[test]
fn a_hold_to_be_voided_is_saved_with_the_answer_and_a_refund_before_it() {
    let cancel = |payment: Payment| Payment::cancel(Some(payment), &order_cancelled(), NOW).unwrap();
    let void = cancel(authorized());
    assert_eq!((void.save, void.command), (Save::WithAnswer, Some(Command::Void { intent: "pi_1".to_owned() })));
    let refund = cancel(captured());
    assert_eq!(refund.save, Save::Now);
    assert!(matches!(refund.command, Some(Command::Refund { amount, .. }) if amount == eur(1000)));
}

#[test]
fn an_order_cancelled_before_its_payment_is_never_paid() {
    let decision = Payment::cancel(None, &order_cancelled(), NOW).unwrap();
    assert_eq!((decision.save, decision.command), (Save::Now, None));
    assert_eq!(decision.payment.status, Status::Refused);
    assert_eq!(cancel(tombstone()), Err(Rejection::AlreadyDone));
    assert_eq!(capture(tombstone()), Err(Rejection::NotPaid { status: Status::Refused }));
}

#[test]
fn an_answer_leads_to_the_next_command() {
    let authorize = requested().next(NOW).unwrap();
    let decision = answered(cancel(requested()).unwrap(), &authorize, vec![held()]);
    assert!(matches!(decision.events[..], [PaymentEvent::Authorized(_)]));
    assert_eq!((decision.save, &decision.command), (Save::Now, &Some(Command::Void { intent: "pi_1".to_owned() })));
    let decision = answered(decision.payment, &decision.command.unwrap(), vec![cancelled()]);
    assert_eq!((decision.payment.status, decision.command), (Status::Voided, None));
}

#[test]
fn no_answer_is_left_for_later() {
    let command = requested().next(NOW).unwrap();
    let decision = answered(requested(), &command, vec![Answer::Unknown]);
    assert_eq!((decision.command, decision.events), (None, vec![]));
    assert_eq!(decision.payment.next(NOW), Some(command));
    assert_eq!(decision.payment.next_attempt_at, Some(NOW + SignedDuration::from_secs(60)));
}

#[test]
fn a_command_that_the_provider_leaves_undone_is_asked_again_later_like_one_without_an_answer() {
    for wish in [capture, cancel] {
        let payment = wish(authorized()).unwrap();
        let command = payment.next(NOW).unwrap();
        let Decision { payment, events, command: next, .. } = answered(payment, &command, vec![held()]);
        assert_eq!((payment.next(NOW), events), (Some(command), vec![]));
        assert_eq!((next, payment.next_attempt_at), (None, Some(NOW + SignedDuration::from_secs(60))));
        assert_eq!(wish(payment), Err(Rejection::AlreadyDone), "the wish is kept");
    }
    let void = Command::Void { intent: "pi_1".to_owned() };
    let unwanted = authorized().answered(&void, vec![held()], refund_id(99), NOW);
    assert_eq!(unwanted, Err(Rejection::AlreadyDone), "nothing is wanted");
}

#[test]
fn a_refused_refund_is_made_again_later() {
    let payment = cancel(captured()).unwrap();
    let command = payment.next(NOW).unwrap();
    let (refund, _) = asked(&payment).unwrap();
    let decision = answered(payment, &command, vec![refund_failed(refund)]);
    assert_eq!(decision.command, None);
    assert!(asked(&decision.payment).is_some_and(|(again, amount)| again != refund && amount == 1000));
}

#[test]
fn a_webhook_is_applied_once_and_only_to_a_payment_of_ours() {
    let apply = |stored, answer| Payment::apply_webhook(stored, [Answer::Unknown, answer], refund_id(99), NOW);
    assert_eq!(apply(None, held()), Err(Rejection::AlreadyDone));
    let decision = apply(Some(cancel(requested()).unwrap()), held()).unwrap();
    assert_eq!((decision.save, decision.command), (Save::Now, Some(Command::Void { intent: "pi_1".to_owned() })));
    assert_eq!(apply(Some(decision.payment), held()), Err(Rejection::AlreadyDone));
    assert_eq!(apply(Some(requested()), Answer::Unknown), Err(Rejection::AlreadyDone), "it says nothing");
}
