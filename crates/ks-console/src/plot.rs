//! Plots of an account's figures over time, as SVG. An image of its own, so it has no scripts and no styles.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// One count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The first second of its hour or day, in Unix seconds.
    pub at: i64,
    /// What was counted.
    pub key: String,
    /// How many.
    pub count: i64,
}

/// What is drawn. Times are Unix seconds.
#[derive(Clone, Debug)]
pub struct Plot<'a> {
    /// The measure of `ks_stats.list`.
    pub measure: &'a str,
    /// The first moment.
    pub from: i64,
    /// The moment after the last.
    pub until: i64,
    /// The seconds of one bar.
    pub step: i64,
    /// The counts.
    pub points: &'a [Point],
    /// Whether it lies on a dark page.
    pub dark: bool,
}

/// The counts in an answer of `ks_stats.list`.
#[must_use]
pub fn points(answer: &Value) -> Vec<Point> {
    let objects = answer["objects"].as_array().into_iter().flatten();
    let read = |point: &Value| {
        let key = point["key"].as_str().unwrap_or_default().to_owned();
        Some(Point { at: point["at"].as_i64()?, key, count: point["count"].as_i64()? })
    };
    objects.filter_map(read).collect()
}

const WIDTH: i64 = 720;
const LEFT: i64 = 52;
const RIGHT: i64 = 12;
const TOP: i64 = 12;
const HEIGHT: i64 = 150;
const LEGEND_LINE: i64 = 20;
/// More kinds than these are told as one.
const MOST_KINDS: usize = 6;

/// Colours that differ in lightness too, each readable on its page.
const LIGHT: [&str; MOST_KINDS + 1] = ["#0a6464", "#d2691e", "#6a2c91", "#1f6fb2", "#a01a1a", "#8a7a12", "#7d8892"];
const DARK: [&str; MOST_KINDS + 1] = ["#5fcbc4", "#f2a065", "#d0a6ee", "#7fbdf0", "#ff978f", "#d8c95a", "#a2aeb7"];

/// What a key of a measure is called.
fn label(measure: &str, key: &str) -> String {
    match (measure, key) {
        ("calls", "") => "success".to_owned(),
        _ => key.to_owned(),
    }
}

/// Bars of counts over time, one colour for each kind, with a legend.
#[must_use]
pub fn svg(plot: &Plot<'_>) -> String {
    let Plot { measure, from, until, step, points, dark } = plot;
    let step = (*step).max(1);
    let first = from - from.rem_euclid(step);
    let steps = (until - 1 - first).div_euclid(step).max(0) + 1;
    let kinds = kinds(points);
    let mut bars: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for point in *points {
        let kind = kinds.iter().position(|(key, _)| *key == point.key).unwrap_or(MOST_KINDS).min(kinds.len());
        let bar = bars.entry((point.at - first).div_euclid(step)).or_insert_with(|| vec![0; kinds.len() + 1]);
        bar[kind] += point.count;
    }
    let others = bars.values().any(|bar| bar.last().is_some_and(|count| *count > 0));
    let highest = bars.values().map(|bar| bar.iter().sum::<i64>()).max().unwrap_or(0);
    let tick = round_up(highest.max(1), 4);
    let scale = tick * 4;

    let ink = if *dark { "#a2aeb7" } else { "#525d67" };
    let line = if *dark { "#2c353a" } else { "#dae0e4" };
    let colours = if *dark { DARK } else { LIGHT };
    let legend = kinds.len() + usize::from(others);
    let rows = i64::try_from(legend.div_ceil(3)).unwrap_or(1).max(1);
    let height = TOP + HEIGHT + 28 + rows * LEGEND_LINE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"{ink}\">"
    );
    for mark in 0..=4 {
        let y = TOP + HEIGHT - HEIGHT * mark / 4;
        let value = tick * mark;
        _ = write!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{line}\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value}</text>",
            WIDTH - RIGHT,
            LEFT - 8,
            y + 4
        );
    }
    let room = WIDTH - LEFT - RIGHT;
    for (index, bar) in &bars {
        if !(0..steps).contains(index) {
            continue;
        }
        let (x, next) = (LEFT + room * index / steps, LEFT + room * (index + 1) / steps);
        let mut below = 0;
        for (kind, count) in bar.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (low, high) = (HEIGHT * below / scale, HEIGHT * (below + count) / scale);
            below += count;
            // What was counted is seen, however little it is beside the rest.
            let tall = (high - low).max(1);
            let colour = colours[if kind == kinds.len() { MOST_KINDS } else { kind }];
            _ = write!(
                out,
                "<rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{tall}\" fill=\"{colour}\"/>",
                TOP + HEIGHT - low - tall,
                (next - x - 2).max(1)
            );
        }
    }
    let every = (steps + 7) / 8;
    for index in (0..steps).filter(|index| index % every == 0) {
        let x = LEFT + room * (2 * index + 1) / (2 * steps);
        let text = moment(first + index * step, step);
        _ = write!(out, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{text}</text>", TOP + HEIGHT + 16);
    }
    let mut entries: Vec<(String, &str)> =
        kinds.iter().zip(colours).map(|((key, _), colour)| (label(measure, key), colour)).collect();
    if others {
        entries.push(("others".to_owned(), colours[MOST_KINDS]));
    }
    for (index, (text, colour)) in entries.iter().enumerate() {
        let index = i64::try_from(index).unwrap_or(0);
        let (x, y) = (LEFT + index % 3 * (room / 3), TOP + HEIGHT + 28 + index / 3 * LEGEND_LINE);
        _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            x + 15,
            y + 9,
            escaped(text)
        );
    }
    if entries.is_empty() {
        _ = write!(out, "<text x=\"{LEFT}\" y=\"{}\">Nothing in this time.</text>", TOP + HEIGHT + 37);
    }
    out.push_str("</svg>");
    out
}

/// The commonest keys, those with most first.
fn kinds(points: &[Point]) -> Vec<(String, i64)> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for point in points {
        *sums.entry(&point.key).or_default() += point.count;
    }
    let mut kinds: Vec<(String, i64)> = sums.into_iter().map(|(key, sum)| (key.to_owned(), sum)).collect();
    kinds.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    kinds.truncate(MOST_KINDS);
    kinds
}

/// The smallest of 1, 2, 5, 10, 20, … of which `parts` reach a value.
fn round_up(value: i64, parts: i64) -> i64 {
    let mut unit = 1;
    loop {
        for factor in [1, 2, 5] {
            if unit * factor * parts >= value {
                return unit * factor;
            }
        }
        unit *= 10;
    }
}

/// `14:00` or `27 Nov` in UTC.
fn moment(at: i64, step: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at) else { return String::new() };
    let style = if step < 86_400 && at.rem_euclid(86_400) != 0 { "%H:%M" } else { "%-d %b" };
    time.strftime(style).to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, key: &str, count: i64) -> Point {
        Point { at, key: key.to_owned(), count }
    }

    #[test]
    fn a_bar_stands_for_each_kind_and_step() {
        let points = [point(0, "", 3), point(0, "INVALID_KS", 1), point(7200, "", 8)];
        let plot = Plot { measure: "calls", from: 0, until: 10_800, step: 3600, points: &points, dark: false };
        let svg = svg(&plot);
        // Three bars and two entries of the legend.
        assert_eq!(svg.matches("<rect").count(), 5, "{svg}");
        assert!(svg.contains(">success<") && svg.contains(">INVALID_KS<"), "{svg}");
        // The highest bar has all of the scale, 8 of 8.
        assert!(svg.contains(&format!("height=\"{HEIGHT}\"")), "{svg}");
    }

    #[test]
    fn many_kinds_become_one() {
        let points: Vec<Point> = (0..9).map(|kind| point(0, &format!("CODE_{kind}"), 9 - kind)).collect();
        let plot = Plot { measure: "calls", from: 0, until: 3600, step: 3600, points: &points, dark: true };
        let svg = svg(&plot);
        assert_eq!(svg.matches("<rect").count(), 7 + 7, "{svg}");
        assert!(svg.contains(">others<") && !svg.contains("CODE_6"), "{svg}");
    }

    #[test]
    fn nothing_is_drawn_of_nothing_and_markup_stays_text() {
        let empty = Plot { measure: "calls", from: 0, until: 1, step: 3600, points: &[], dark: false };
        assert!(svg(&empty).contains("Nothing in this time"));
        let points = [point(0, "<script>", 1)];
        let plot = Plot { measure: "failedLogins", from: 0, until: 1, step: 3600, points: &points, dark: false };
        assert!(!svg(&plot).contains("<script>"));
    }

    /// Dates from outside: `date -u -d @N +'%-d %b'`.
    #[test]
    fn moments_are_named_in_utc() {
        for (at, step, expected) in [
            (0, 86_400, "1 Jan"),
            (951_782_400, 86_400, "29 Feb"),
            (1_795_737_600, 86_400, "27 Nov"),
            (1_795_788_000, 3600, "14:00"),
        ] {
            assert_eq!(moment(at, step), expected, "{at}");
        }
    }

    #[test]
    fn scales_are_round() {
        for (value, expected) in [(1, 1), (4, 1), (5, 2), (9, 5), (21, 10), (1000, 500)] {
            assert_eq!(round_up(value, 4), expected, "{value}");
        }
    }
}
