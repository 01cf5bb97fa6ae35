//! Growth curves, from the tables of a report: one picture for each call, one line for each kind of it.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use crate::Result;
use crate::report::sections;

/// One line of a table that tells times at several sizes.
#[derive(Clone, Debug, PartialEq)]
struct Curve {
    name: String,
    /// Size and milliseconds.
    points: Vec<(f64, f64)>,
}

/// The colours of the account console's plots: they differ in lightness, too.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x0a, 0x64, 0x64),
    RGBColor(0xd2, 0x69, 0x1e),
    RGBColor(0x6a, 0x2c, 0x91),
    RGBColor(0x1f, 0x6f, 0xb2),
    RGBColor(0xa0, 0x1a, 0x1a),
    RGBColor(0x8a, 0x7a, 0x12),
    RGBColor(0x7d, 0x88, 0x92),
];

/// The verb: reads a report, and writes pictures into a folder.
pub(crate) fn main(report: &Path, folder: &Path) -> Result<()> {
    let text = std::fs::read_to_string(report)?;
    std::fs::create_dir_all(folder)?;
    for (title, curves) in pictures(&text) {
        let path = folder.join(format!("{}.svg", slug(&title)));
        std::fs::write(&path, draw(&title, &curves)?)?;
        println!("{}: {} curves", path.display(), curves.len());
    }
    Ok(())
}

/// All curves of a report, by the call that they are of.
fn pictures(report: &str) -> BTreeMap<String, Vec<Curve>> {
    let mut all: BTreeMap<String, Vec<Curve>> = BTreeMap::new();
    for section in sections(report) {
        for row in section.lines().filter_map(|line| line.strip_prefix("| ")) {
            let mut cells = row.split(" | ");
            let (Some(what), Some(figures)) = (cells.next(), cells.next()) else { continue };
            let (Some(points), Some((name, growth))) = (points(figures), what.split_once(": at ")) else { continue };
            // `at 1 M entries, of 10 k's time`
            let of = growth.split_once(", of").map_or(growth, |(of, _)| of).rsplit(' ').next().unwrap_or_default();
            let call = name.split(", ").next().unwrap_or(name);
            let curve = Curve { name: name.to_owned(), points };
            all.entry(format!("{call}, by {of}")).or_default().push(curve);
        }
    }
    all
}

/// `0.79, 0.93 ms at 1 k, 100 k; of […]`: sizes and times.
fn points(figures: &str) -> Option<Vec<(f64, f64)>> {
    let (times, sizes) = figures.split(';').next()?.split_once(" ms at ")?;
    let times: Vec<f64> = times.split(", ").map(|time| time.trim().parse().ok()).collect::<Option<_>>()?;
    let sizes: Vec<f64> = sizes.split(", ").map(size).collect::<Option<_>>()?;
    (times.len() == sizes.len() && times.len() > 1).then(|| sizes.into_iter().zip(times).collect())
}

/// `10 k` is ten thousand.
fn size(text: &str) -> Option<f64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

fn short(size: f64) -> String {
    match size {
        size if size >= 1e6 => format!("{} M", size / 1e6),
        size if size >= 1e3 => format!("{} k", size / 1e3),
        size => size.to_string(),
    }
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Both axes are logarithmic: what grows like the account goes up as it goes right, what is flat stays flat.
fn draw(title: &str, curves: &[Curve]) -> Result<String> {
    let sizes: Vec<f64> = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).collect();
    let times: Vec<f64> = curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).collect();
    let least = |figures: &[f64]| figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |figures: &[f64]| figures.iter().copied().fold(0.0, f64::max);
    // Whole decades, so that a little noise does not look like growth.
    let (low, high) = (10_f64.powf(least(&times).max(1e-3).log10().floor()), 10_f64.powf(most(&times).log10().ceil()));
    let high = if high > low { high } else { low * 10.0 };
    let legend = u32::try_from(curves.len()).unwrap_or(0) * 17;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (820, 400 + legend)).into_drawing_area();
        root.fill(&WHITE)?;
        let (plot, below) = root.split_vertically(390);
        let mut chart = ChartBuilder::on(&plot)
            .caption(title, ("sans-serif", 18))
            .margin(14)
            .x_label_area_size(34)
            .y_label_area_size(58)
            .build_cartesian_2d((least(&sizes)..most(&sizes)).log_scale(), (low..high).log_scale())?;
        chart
            .configure_mesh()
            .y_desc("milliseconds")
            .x_label_formatter(&|size| short(*size))
            .light_line_style(WHITE)
            .draw()?;
        for (curve, (colour, row)) in curves.iter().zip(COLOURS.iter().cycle().zip(0_i32..)) {
            chart.draw_series(LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2)))?;
            chart.draw_series(curve.points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
            let y = 4 + row * 17;
            below.draw(&PathElement::new(vec![(72, y + 6), (92, y + 6)], colour.stroke_width(2)))?;
            below.draw(&Text::new(curve.name.clone(), (100, y), ("sans-serif", 13)))?;
        }
        root.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "# Benchmarks\n\n## Growth\n\n| what | figures | ratio |\n|---|---|---|\n\
        | list, first 30: at 1 M entries, of 10 k's time | 1.50, 2.00 ms at 10 k, 1 M; of [5, 6] | 1.3× |\n\
        | list, first 30, after a change: at 1 M entries, of 10 k's time | 3.00, 4.00 ms at 10 k, 1 M | 1.3× |\n\
        | list, first 30: time at 1 M entries |  | 2 ms |\n| get: at 1 k users, of 500's time | 1, 2 ms at 500, 1 k | 2× |\n";

    #[test]
    fn curves_are_read_off_the_tables() {
        let all = pictures(REPORT);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["get, by users", "list, by entries"]);
        assert_eq!(all["get, by users"][0].points, [(500.0, 1.0), (1000.0, 2.0)]);
        let lists: Vec<&str> = all["list, by entries"].iter().map(|curve| curve.name.as_str()).collect();
        assert_eq!(lists, ["list, first 30", "list, first 30, after a change"]);
        assert_eq!(all["list, by entries"][0].points, [(1e4, 1.5), (1e6, 2.0)]);
    }

    #[test]
    fn each_picture_has_its_lines_and_names() {
        for (title, curves) in pictures(REPORT) {
            let svg = draw(&title, &curves).expect("a picture");
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
            assert!(svg.contains(&title), "{svg}");
            assert!(curves.iter().all(|curve| svg.contains(&curve.name)), "{svg}");
            assert_eq!(svg.matches("<circle").count(), curves.iter().map(|curve| curve.points.len()).sum::<usize>());
        }
        assert_eq!(slug("baseEntry.list, by entries"), "baseentry-list-by-entries");
    }
}
