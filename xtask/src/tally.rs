//! Counting what passed, from what the test runners print.

use std::fmt;

/// How many checks passed, failed, and could not be made.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// Counts one check of our own.
    pub(crate) fn check(&mut self, what: &str, result: Result<(), String>) {
        match result {
            Ok(()) => {
                println!("passed: {what}");
                self.passed += 1;
            }
            Err(message) => {
                println!("FAILED: {what}: {message}");
                self.failed += 1;
            }
        }
    }

    /// Moves tests that said at run time that they could not do their work from passed to skipped.
    pub(crate) fn skip(&mut self, count: usize) {
        self.passed = self.passed.saturating_sub(count);
        self.skipped += count;
    }

    /// Adds the counts of a line that sums up a run, if it is one. The answer is whether it was.
    pub(crate) fn read(&mut self, line: &str) -> bool {
        let counts = libtest(line).or_else(|| nextest(line));
        if let Some(other) = counts {
            self.passed += other.passed;
            self.failed += other.failed;
            self.skipped += other.skipped;
        }
        counts.is_some()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
fn libtest(line: &str) -> Option<Tally> {
    // The output of a failed test is indented, and has such a line of its own.
    let rest = line.strip_prefix("test result: ")?;
    let (_, counts) = rest.split_once(". ")?;
    let mut tally = Tally::default();
    for (number, word) in counts.split(';').filter_map(count) {
        match word {
            "passed" => tally.passed += number,
            "failed" => tally.failed += number,
            "ignored" => tally.skipped += number,
            _ => {}
        }
    }
    Some(tally)
}

/// `Summary [   0.032s] 4 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 1 skipped`.
fn nextest(line: &str) -> Option<Tally> {
    let rest = line.trim().strip_prefix("Summary [")?;
    let (_, counts) = rest.split_once(" run: ")?;
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in counts.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    let mut tally = Tally::default();
    for (number, word) in plain.split(',').filter_map(count) {
        match word {
            "passed" => tally.passed += number,
            "skipped" => tally.skipped += number,
            _ => tally.failed += number,
        }
    }
    Some(tally)
}

/// `2 passed` as a number and a word.
fn count(part: &str) -> Option<(usize, &str)> {
    let (number, word) = part.trim().split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(usize, usize, usize)> {
        let mut tally = Tally::default();
        tally.read(line).then_some((tally.passed, tally.failed, tally.skipped))
    }

    #[test]
    fn lines_that_sum_up_are_counted_and_others_are_not() {
        let libtest =
            "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(read(libtest), Some((5, 2, 1)));
        let nextest =
            "     Summary [   0.032s] 5 tests run: 2 passed (1 slow, 1 leaky), 1 failed, 2 timed out, 4 skipped";
        assert_eq!(read(nextest), Some((2, 3, 4)));
        assert_eq!(read("     Summary [   1.0s] 1 test run: 1 passed, 0 skipped"), Some((1, 0, 0)));
        assert_eq!(read("test session::start ... ok"), None);
        assert_eq!(read("3 passed, 1 failed"), None);
    }

    #[test]
    fn a_test_that_could_not_do_its_work_has_not_passed() {
        let mut tally = Tally { passed: 3, failed: 0, skipped: 1 };
        tally.skip(2);
        assert_eq!(tally.to_string(), "1 passed, 0 failed, 3 skipped");
    }
}
