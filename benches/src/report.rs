//! The table: what, figure, ratio, bar, met or missed.

use crate::stats::Spread;

/// Which side of a bar is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bar {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
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
            Bar::AtLeast(_) | Bar::AtMost(_) if !self.is_decided => "undecided",
            Bar::AtLeast(_) | Bar::AtMost(_) => "met",
            Bar::None => "",
        }
    }

    fn bar(&self) -> String {
        match self.bar {
            Bar::AtLeast(bar) => format!("≥ {bar}{}", self.unit),
            Bar::AtMost(bar) => format!("≤ {bar}{}", self.unit),
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

/// All lines of a run.
pub(crate) struct Report {
    machine: String,
    lines: Vec<Line>,
}

const HEAD: [&str; 6] = ["what", "figures", "ratio or amount", "quartiles", "bar", "verdict"];

impl Report {
    pub(crate) fn new(machine: String) -> Self {
        println!("{machine}");
        Self { machine, lines: Vec::new() }
    }

    /// Adds lines, and prints them.
    pub(crate) fn add(&mut self, lines: Vec<Line>) {
        for line in &lines {
            let [what, figure, ratio, spread, bar, verdict] = line.cells();
            let spread = if spread.is_empty() { spread } else { format!(" ({spread})") };
            let bar = if bar.is_empty() { bar } else { format!("; bar {bar}: {}", verdict.replace('*', "")) };
            println!("{what}: {ratio}{spread}; {figure}{bar}");
        }
        self.lines.extend(lines);
    }

    /// Says which bars were missed, and which the run could not decide.
    pub(crate) fn print_summary(&self) {
        let barred = self.lines.iter().filter(|line| line.bar != Bar::None).count();
        println!("{} of {barred} bars met", self.lines.iter().filter(|line| line.verdict() == "met").count());
        for verdict in ["**missed**", "undecided"] {
            for line in self.lines.iter().filter(|line| line.verdict() == verdict) {
                println!("{}: {}", verdict.replace('*', ""), line.what);
            }
        }
    }

    /// `BENCHMARKS.md`.
    pub(crate) fn markdown(&self) -> String {
        let row = |cells: [&str; 6]| format!("| {} |\n", cells.join(" | "));
        let mut table = row(HEAD);
        table.push_str("|---|---|---|---|---|---|\n");
        for line in &self.lines {
            table.push_str(&row(line.cells().each_ref().map(String::as_str)));
        }
        let open = ["**missed**", "undecided"].into_iter().flat_map(|verdict| {
            let lines = self.lines.iter().filter(move |line| line.verdict() == verdict);
            lines.map(move |line| format!("* {}: {}\n", verdict.replace('*', ""), line.what))
        });
        let open: String = open.collect();
        let open = if open.is_empty() { "None.\n".to_owned() } else { open };
        include_str!("report.md")
            .replace("{machine}", &self.machine)
            .replace("{table}\n", &table)
            .replace("{open}\n", &open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(median: f64, bar: Bar) -> Line {
        let ratio = Spread { low: median, median, high: median + 1.0 };
        Line { what: "a thing".to_owned(), figure: "1 ns".to_owned(), ratio, unit: "×", bar, is_decided: true }
    }

    #[test]
    fn a_missed_bar_is_told_and_no_place_is_left_open() {
        let mut report = Report::new("a machine".to_owned());
        report.add(vec![line(3.0, Bar::AtMost(2.0)), line(3.0, Bar::AtLeast(2.0)), line(3.0, Bar::None)]);
        report.add(vec![Line { is_decided: false, ..line(1.0, Bar::AtLeast(0.5)) }]);
        let text = report.markdown();
        assert!(text.contains("| a thing | 1 ns | 3.00× | 3.00 to 4.00 | ≤ 2× | **missed** |"), "{text}");
        assert!(text.contains("| ≥ 2× | met |") && text.contains("* missed: a thing\n"), "{text}");
        assert!(text.contains("| ≥ 0.5× | undecided |") && text.contains("* undecided: a thing\n"), "{text}");
        assert!(!text.contains('{') && text.contains("a machine"), "{text}");
    }
}
