use payments::payment::Command;

use super::{checks::may_ask, purchase::Purchase, *};

#[test]
fn a_benign_tape_delivers_every_order_that_stock_allows() {
    let (trace, violation) = trace(&[], None);
    assert_eq!(violation, None, "{trace:#?}");
    assert_eq!(trace.iter().filter(|line| line.ends_with("deliver")).count(), 2, "{trace:#?}");
}

#[test]
fn twenty_thousand_seeds_violate_no_invariant() {
    let report = run(20_000, None, |_| {});
    if let Some((seed, failure)) = report.failed {
        let (trace, _) = trace(&shrunk(failure.choices), None);
        panic!("seed {seed} violates an invariant: {}\n{}", failure.what, trace.join("\n"));
    }
    assert!(report.pairs.are_known());
}

#[test]
fn a_seed_is_the_same_run_every_time() {
    let drawn = |seed| {
        let choices = Choices::of_seed(seed);
        play(&choices, &mut Pairs::default(), None).unwrap();
        choices.drawn()
    };
    for seed in 0..20 {
        assert_eq!(drawn(seed), drawn(seed));
        assert_eq!(trace(&drawn(seed), None), trace(&drawn(seed), None));
    }
}

#[test]
fn every_planted_fault_is_found() {
    for planted in Planted::ALL {
        assert!(planted.found_by().is_some(), "{planted:?} is not found");
    }
}

#[test]
fn only_a_declined_payment_may_be_given_up_while_its_order_waits() {
    let mut purchase = Purchase::new(0, &Choices::replay(Vec::new()));
    let may_void = |purchase: &Purchase| may_ask(purchase, &Command::Void { intent: "pi-1".to_owned() }).is_ok();
    for decisions in [None, Some(&[true][..]), Some(&[])] {
        purchase.decisions = decisions;
        assert!(!may_void(&purchase), "the customer was asked, and the payment is not declined");
    }
    purchase.declined = true;
    assert!(may_void(&purchase));
}
