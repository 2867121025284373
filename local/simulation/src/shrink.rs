//! Shrinks a tape: what is left of it is what matters.

/// The shortest tape that still fails, as far as dropping its end, then taking out or zeroing ever smaller blocks, leads.
pub(crate) fn shrink(mut tape: Vec<u32>, fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    loop {
        let before = tape.clone();
        truncate(&mut tape, &fails);
        let mut block = tape.len().div_ceil(2);
        while block > 0 {
            for start in (0..tape.len()).step_by(block).rev() {
                let end = (start + block).min(tape.len());
                let without = [&tape[..start], tape.get(end..).unwrap_or_default()].concat();
                if fails(&without) {
                    tape = without;
                    continue;
                }
                let end = end.min(tape.len());
                let mut zeroed = tape.clone();
                zeroed[start.min(end)..end].fill(0);
                if zeroed != tape && fails(&zeroed) {
                    tape = zeroed;
                }
            }
            block /= 2;
        }
        while tape.last() == Some(&0) {
            tape.pop();
        }
        if tape == before {
            return tape;
        }
    }
}

/// Halves the tape as often as it still fails.
fn truncate(tape: &mut Vec<u32>, fails: impl Fn(&[u32]) -> bool) {
    while !tape.is_empty() && fails(&tape[..tape.len() / 2]) {
        tape.truncate(tape.len() / 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_left() {
        let fails = |tape: &[u32]| tape.iter().filter(|choice| **choice == 7).count() >= 2;
        let tape: Vec<_> = (0..1000).map(|at| if at % 300 == 17 { 7 } else { at }).collect();
        assert_eq!(shrink(tape, fails), [7, 7]);
    }

    #[test]
    fn a_choice_that_must_keep_its_place_does() {
        let fails = |tape: &[u32]| tape.get(5) == Some(&9);
        assert_eq!(shrink((0..100).map(|at| at + 4).collect(), fails), [0, 0, 0, 0, 0, 9]);
    }
}
