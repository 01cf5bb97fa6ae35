//! The tables, one for each subject: what, figure, ratio, bar, met or missed.

use crate::stats::Spread;
use crate::subjects::{self, Subject};

/// Which side of a bar is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bar {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// Between the two.
    Within(f64, f64),
    /// None: told for what it says about the others.
    None,
}

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What was measured, against what.
    pub(crate) what: String,
    /// The figures that the ratio is of, with units.
    pub(crate) figure: String,
    /// What the bar is about: a ratio, or an amount.
    pub(crate) ratio: Spread,
    /// The unit of the ratio: `×`, ` ms`, ` MiB`.
    pub(crate) unit: &'static str,
    pub(crate) bar: Bar,
    /// Whether the run can say that the bar is met: a machine that is busy with other work may flatter.
    pub(crate) is_decided: bool,
}

impl Line {
    fn verdict(&self) -> &'static str {
        match self.bar {
            Bar::AtLeast(bar) if self.ratio.median < bar => "**missed**",
            Bar::AtMost(bar) if self.ratio.median > bar => "**missed**",
            Bar::Within(low, high) if !(low..=high).contains(&self.ratio.median) => "**missed**",
            Bar::AtLeast(_) | Bar::AtMost(_) | Bar::Within(..) if !self.is_decided => "undecided",
            Bar::AtLeast(_) | Bar::AtMost(_) | Bar::Within(..) => "met",
            Bar::None => "",
        }
    }

    fn bar(&self) -> String {
        match self.bar {
            Bar::AtLeast(bar) => format!("≥ {bar}{}", self.unit),
            Bar::AtMost(bar) => format!("≤ {bar}{}", self.unit),
            Bar::Within(low, high) => format!("{low} to {high}{}", self.unit),
            Bar::None => String::new(),
        }
    }

    fn cells(&self) -> [String; 6] {
        let Spread { low, median, high } = self.ratio;
        let (short, unit) = (|figure: f64| format!("{figure:.*}", if figure < 20.0 { 2 } else { 0 }), self.unit);
        let spread = if low == high { String::new() } else { format!("{} to {}", short(low), short(high)) };
        let ratio = format!("{}{unit}", short(median));
        [self.what.clone(), self.figure.clone(), ratio, spread, self.bar(), self.verdict().to_owned()]
    }
}

/// All lines of a run, by subject.
pub(crate) struct Report {
    machine: String,
    tables: Vec<(&'static Subject, Vec<Line>)>,
}

const HEAD: [&str; 6] = ["what", "figures", "ratio or amount", "quartiles", "bar", "verdict"];

impl Report {
    pub(crate) fn new(machine: String) -> Self {
        println!("{machine}");
        Self { machine, tables: Vec::new() }
    }

    /// Adds the lines of a subject, and prints them.
    pub(crate) fn add(&mut self, subject: &'static Subject, lines: Vec<Line>) {
        for line in &lines {
            let [what, figure, ratio, spread, bar, verdict] = line.cells();
            let spread = if spread.is_empty() { spread } else { format!(" ({spread})") };
            let bar = if bar.is_empty() { bar } else { format!("; bar {bar}: {}", verdict.replace('*', "")) };
            println!("{what}: {ratio}{spread}; {figure}{bar}");
        }
        self.tables.push((subject, lines));
    }

    /// Says which bars were missed, and which the run could not decide.
    pub(crate) fn print_summary(&self) {
        let lines: Vec<&Line> = self.tables.iter().flat_map(|(_, lines)| lines).collect();
        let barred = lines.iter().filter(|line| line.bar != Bar::None).count();
        println!("{} of {barred} bars met", lines.iter().filter(|line| line.verdict() == "met").count());
        for line in &lines {
            if !["", "met"].contains(&line.verdict()) {
                println!("{}: {}", line.verdict().replace('*', ""), line.what);
            }
        }
    }

    /// `BENCHMARKS.md`: the tables of this run; of the subjects that it left out, what the file said `before`.
    pub(crate) fn markdown(&self, before: &str) -> String {
        let mut text = include_str!("intro.md").to_owned();
        for subject in subjects::ALL {
            let kept = sections(before).find(|section| heading(section) == subject.title).map(str::trim_end);
            let section = match self.tables.iter().find(|(other, _)| other.name == subject.name) {
                Some((_, lines)) => Some(self.section(subject, lines)),
                None => kept.map(str::to_owned),
            };
            if let Some(section) = section {
                text.push_str("\n## ");
                text.push_str(&section);
                text.push('\n');
            }
        }
        text
    }

    /// A heading without its mark, and what stands below it.
    fn section(&self, subject: &Subject, lines: &[Line]) -> String {
        let row = |cells: [&str; 6]| format!("| {} |\n", cells.join(" | "));
        let mut text = format!("{}\n\n{}\n", subject.title, subject.about);
        text.push_str(&row(HEAD));
        text.push_str("|---|---|---|---|---|---|\n");
        for line in lines {
            text.push_str(&row(line.cells().each_ref().map(String::as_str)));
        }
        text.push_str(&format!("\nThe machine: {}.", self.machine));
        text
    }
}

/// The sections of a report, without the mark of their headings.
pub(crate) fn sections(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n## ").skip(1)
}

fn heading(section: &str) -> &str {
    section.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(median: f64, bar: Bar) -> Line {
        let ratio = Spread { low: median, median, high: median + 1.0 };
        Line { what: "a thing".to_owned(), figure: "1 ns".to_owned(), ratio, unit: "×", bar, is_decided: true }
    }

    #[test]
    fn a_missed_bar_is_told() {
        let mut report = Report::new("a machine".to_owned());
        let [first, second, ..] = subjects::ALL;
        report.add(first, vec![line(3.0, Bar::AtMost(2.0)), line(3.0, Bar::AtLeast(2.0)), line(3.0, Bar::None)]);
        let near = vec![line(0.94, Bar::Within(0.95, 1.05)), line(1.05, Bar::Within(0.95, 1.05))];
        report.add(second, [near, vec![Line { is_decided: false, ..line(1.0, Bar::AtLeast(0.5)) }]].concat());
        let text = report.markdown("");
        assert!(text.contains("| a thing | 1 ns | 3.00× | 3.00 to 4.00 | ≤ 2× | **missed** |"), "{text}");
        assert!(text.contains("| ≥ 2× | met |") && text.contains("| ≥ 0.5× | undecided |"), "{text}");
        assert!(text.contains("| 0.95 to 1.05× | **missed** |") && text.contains("| 0.95 to 1.05× | met |"), "{text}");
        assert!(text.contains("The machine: a machine.\n") && text.contains(first.about), "{text}");
    }

    #[test]
    fn a_run_of_one_subject_keeps_the_tables_of_the_others() {
        let tell = |machine: &str, which: &[usize]| {
            let mut report = Report::new(machine.to_owned());
            for index in which {
                report.add(subjects::ALL[*index], vec![line(3.0, Bar::None)]);
            }
            report
        };
        let whole = tell("old", &[0, 1, 2]).markdown("");
        let part = tell("new", &[1]).markdown(&whole);
        let machine = |section: &str| section.contains("The machine: new.");
        assert_eq!(sections(&part).map(machine).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(sections(&part).map(heading).collect::<Vec<_>>(), [0, 1, 2].map(|index| subjects::ALL[index].title));
        // Nothing grows or shrinks, however often a part is run.
        assert_eq!(tell("new", &[1]).markdown(&part), part);
        assert_eq!(tell("old", &[1]).markdown(&part), whole);
        // A table of a subject that there is no more is dropped.
        let stale = whole.replace(subjects::ALL[2].title, "Something else");
        assert_eq!(sections(&tell("old", &[0, 1]).markdown(&stale)).count(), 2);
    }
}
