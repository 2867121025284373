use super::*;

#[test]
fn a_chargeback_takes_the_money_until_it_is_decided() {
    let payment = taught(captured(), [opened()]);
    assert_eq!((balances(&payment), payment.ledger.balance(Account::Disputed)), ((-1000, 0, 0), 1000));
    assert_eq!(learn(payment.clone(), opened()), Err(Rejection::AlreadyDone));
    assert_eq!(balances(&taught(payment.clone(), [closed(true)])), (-1000, 0, 1000));
    assert_eq!(balances(&taught(payment, [closed(false)])), (0, 0, 0));

    let both = authorized().learn([taken(1000), opened()], refund_id(99), NOW).unwrap();
    assert_eq!(both.1.len(), 2, "a chargeback tells of the capture before it");
}

#[test]
fn a_chargeback_whose_end_is_told_before_its_beginning_is_booked_whole() {
    for won in [true, false] {
        let (payment, events) = learn(captured(), closed(won)).unwrap();
        assert!(matches!(events[..], [PaymentEvent::Disputed(_), PaymentEvent::Decided(_)]), "{events:?}");
        assert_eq!(payment, taught(captured(), [opened(), closed(won)]));
        assert_eq!(learn(payment.clone(), opened()), Err(Rejection::AlreadyDone));
        assert_eq!(learn(payment, closed(won)), Err(Rejection::AlreadyDone));
    }
    assert_eq!(learn(authorized(), closed(true)), Err(Rejection::NotCaptured { status: Status::Authorized }));
}

#[test]
fn what_a_bank_gives_back_after_the_cancellation_is_the_customers() {
    let payment = cancel(taught(captured(), [opened()])).unwrap();
    assert_eq!(payment.next(NOW), None, "there is nothing to give back yet");
    let payment = taught(payment, [closed(true)]);
    assert!(matches!(payment.next(NOW), Some(Command::Refund { amount, .. }) if amount == eur(1000)));
}
