//! Shrinks a choice sequence to the choices that matter.

/// Shrinks a failing choice sequence: drops its end, then removes or zeroes blocks of decreasing size, as long as it
/// still fails.
pub(crate) fn shrink(mut choices: Vec<u32>, fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    loop {
        let before = choices.clone();
        truncate(&mut choices, &fails);
        let mut block = choices.len().div_ceil(2);
        while block > 0 {
            for start in (0..choices.len()).step_by(block).rev() {
                let end = (start + block).min(choices.len());
                let without = [&choices[..start], choices.get(end..).unwrap_or_default()].concat();
                if fails(&without) {
                    choices = without;
                    continue;
                }
                let end = end.min(choices.len());
                let mut zeroed = choices.clone();
                zeroed[start.min(end)..end].fill(0);
                if zeroed != choices && fails(&zeroed) {
                    choices = zeroed;
                }
            }
            block /= 2;
        }
        while choices.last() == Some(&0) {
            choices.pop();
        }
        if choices == before {
            return choices;
        }
    }
}

/// Halves the choice sequence as often as it still fails.
fn truncate(choices: &mut Vec<u32>, fails: impl Fn(&[u32]) -> bool) {
    while !choices.is_empty() && fails(&choices[..choices.len() / 2]) {
        choices.truncate(choices.len() / 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_left() {
        let fails = |choices: &[u32]| choices.iter().filter(|choice| **choice == 7).count() >= 2;
        let choices: Vec<_> = (0..1000).map(|at| if at % 300 == 17 { 7 } else { at }).collect();
        assert_eq!(shrink(choices, fails), [7, 7]);
    }

    #[test]
    fn a_choice_that_must_keep_its_place_does() {
        let fails = |choices: &[u32]| choices.get(5) == Some(&9);
        assert_eq!(shrink((0..100).map(|at| at + 4).collect(), fails), [0, 0, 0, 0, 0, 9]);
    }
}
