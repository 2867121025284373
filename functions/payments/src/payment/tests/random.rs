//! Wishes and answers in any order.

use super::*;

fn any_step() -> impl Strategy<Value = (u8, i64)> {
    (0u8..18, 1i64..=1000)
}

/// Wishes, answers to commands, and webhooks, in any order.
fn step(payment: Payment, (kind, amount): (u8, i64), number: u128) -> Payment {
    let before = payment.clone();
    let answer =
        |payment: Payment, answer| payment.learn([answer], refund_id(1000 + number), NOW).map(|(next, _)| next);
    let next = match kind {
        0 => cancel(payment).and_then(|payment| answer(payment, Answer::Unknown)),
        1 => capture(payment).and_then(|payment| answer(payment, Answer::Unknown)),
        2 => refund(payment, number + 10, eur(amount)),
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
        12 => answer(payment, action_required()),
        13 => match asked(&payment) {
            Some((refund, _)) => answer(payment, refund_failed(refund)),
            None => Ok(payment),
        },
        _ => match payment.next(NOW) {
            Some(Command::Authorize { .. }) => answer(payment, held()),
            Some(Command::Capture { .. }) => answer(payment, taken(1000)),
            Some(Command::Void { .. }) => answer(payment, cancelled()),
            Some(Command::Refund { refund, .. }) => answer(payment, Answer::Refunded { refund }),
            Some(Command::Find { .. } | Command::Retrieve { .. }) | None => Ok(payment),
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
            let waits = payment.next(NOW).is_some() || payment.status == Status::ActionRequired;
            prop_assert_eq!(payment.next_attempt_at.is_some(), waits);
        }
    }
}
