//! Charts of metrics, drawn as SVG.

use std::ops::Range;

use chrono::{DateTime, TimeZone as _, Timelike, Utc};
use plotters::{
    coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use poem_openapi::Enum;
use serde_json::Value;

use super::series::{Aggregation, MetricSeriesSet};
use crate::{raw_json::RawObject, records::bucket::TimeZone};

const WIDTH: u32 = 860;
const HEIGHT: u32 = 360;
/// Height of a line of the legend.
const LINE: i32 = 20;
/// The most lines that are drawn: more cannot be told apart.
pub const MAX_LINES: usize = 12;

/// Colours that can be told apart on either ground, also by most who are colour-blind (Okabe and Ito,
/// "Color Universal Design", 2008), and again with dashes once they are used up.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// The colours of a chart's ground and text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on black.
    Dark,
}

impl Theme {
    fn ground(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(255, 255, 255),
            Self::Dark => RGBColor(13, 17, 23),
        }
    }

    fn text(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(31, 35, 40),
            Self::Dark => RGBColor(230, 237, 243),
        }
    }

    fn grid(self) -> RGBColor {
        match self {
            Self::Light => RGBColor(225, 228, 232),
            Self::Dark => RGBColor(48, 54, 61),
        }
    }
}

/// Why a chart was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The axis would be longer than a double can tell.
    #[error("the values lie too far apart to be drawn")]
    TooFarApart,
    /// The library refused.
    #[error("{0}")]
    Drawing(String),
}

/// A line of a chart: its name, and stretches of points without a gap.
struct Line {
    name: String,
    stretches: Vec<Vec<(f64, f64)>>,
}

/// An axis with its own ticks.
struct Axis {
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = (value - self.range.start) / (self.range.end - self.range.start);
        // Pixels: all is small.
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Draws the aggregations of all series as lines over time, with axes, unit and legend.
///
/// # Errors
/// When the values lie too far apart.
pub fn svg(
    set: &MetricSeriesSet,
    aggregations: &[Aggregation],
    theme: Theme,
) -> Result<String, ChartError> {
    let all = lines(set, aggregations);
    let shown = &all[..all.len().min(MAX_LINES)];
    let from = seconds(set.from.utc());
    let to = seconds(set.to.utc());
    let (low, high) = extent(shown);
    if !(high - low).is_finite() {
        return Err(ChartError::TooFarApart);
    }
    let mut svg = String::new();
    let rows = i32::try_from(shown.len().max(1)).unwrap_or(1) + i32::from(all.len() > shown.len());
    let legend = u32::try_from(rows * LINE + 12).unwrap_or(0);
    {
        let size = (WIDTH, HEIGHT + legend);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let (plot, below) = root.split_vertically(HEIGHT);
        let draw = || -> Result<(), Box<dyn std::error::Error>> {
            root.fill(&theme.ground())?;
            let text = |size: u32| ("sans-serif", size).into_font().color(&theme.text());
            let mut chart = ChartBuilder::on(&plot)
                .caption(set.name.as_str(), text(20))
                .margin(14)
                .margin_right(34)
                .x_label_area_size(30)
                .y_label_area_size(78)
                .build_cartesian_2d(
                    Axis {
                        range: from..to,
                        ticks: times(set.from.utc(), set.to.utc(), set.timezone),
                    },
                    Axis {
                        range: low..high,
                        ticks: nice(low, high),
                    },
                )?;
            chart
                .configure_mesh()
                .axis_style(theme.grid())
                .bold_line_style(theme.grid())
                .light_line_style(theme.grid())
                .label_style(text(13))
                .axis_desc_style(text(13))
                .y_desc(unit(set))
                .x_label_formatter(&|at| label(*at, to - from, set.timezone))
                .y_label_formatter(&|value| number(*value))
                .draw()?;
            for (place, line) in shown.iter().enumerate() {
                let colour = COLOURS[place % COLOURS.len()];
                let style = colour.stroke_width(2);
                let dashed = place >= COLOURS.len();
                for stretch in &line.stretches {
                    let points = stretch.iter().copied();
                    if stretch.len() == 1 {
                        let dot = |at| Circle::new(at, 3, colour.filled());
                        chart.draw_series(points.map(dot))?;
                    } else if dashed {
                        chart.draw_series(DashedLineSeries::new(points, 6, 4, style))?;
                    } else {
                        chart.draw_series(LineSeries::new(points, style))?;
                    }
                }
                let y = LINE * i32::try_from(place)? + 8;
                let pieces = if dashed {
                    vec![(92, 100), (108, 116)]
                } else {
                    vec![(92, 116)]
                };
                for (from, to) in pieces {
                    below.draw(&PathElement::new(vec![(from, y), (to, y)], style))?;
                }
                let left = text(13).pos(Pos::new(HPos::Left, VPos::Center));
                below.draw(&Text::new(line.name.as_str(), (126, y), left))?;
            }
            let note = if all.is_empty() {
                Some("no data points".to_owned())
            } else {
                (all.len() > shown.len()).then(|| {
                    format!(
                        "and {} more lines that are not drawn",
                        all.len() - shown.len()
                    )
                })
            };
            if let Some(note) = note {
                let y = LINE * i32::try_from(shown.len())? + 8;
                let left = text(13).pos(Pos::new(HPos::Left, VPos::Center));
                below.draw(&Text::new(note, (126, y), left))?;
            }
            root.present()?;
            Ok(())
        };
        draw().map_err(|error| ChartError::Drawing(error.to_string()))?;
    }
    Ok(svg)
}

/// Every aggregation of every series as a line, with a gap where nothing is known.
fn lines(set: &MetricSeriesSet, aggregations: &[Aggregation]) -> Vec<Line> {
    let mut lines = Vec::new();
    for series in &set.series {
        for aggregation in aggregations {
            let mut stretches = Vec::new();
            let mut stretch = Vec::new();
            for point in &series.points {
                match point.value(*aggregation) {
                    // The first bucket may begin before the chart does.
                    Some(value) => {
                        let at = point.timestamp.utc().max(set.from.utc());
                        stretch.push((seconds(at), value));
                    }
                    None if stretch.is_empty() => {}
                    None => stretches.push(std::mem::take(&mut stretch)),
                }
            }
            if !stretch.is_empty() {
                stretches.push(stretch);
            }
            if stretches.is_empty() {
                continue;
            }
            let name = format!("{}{}", aggregation.name(), group(&series.attributes));
            lines.push(Line { name, stretches });
        }
    }
    lines
}

/// The attributes of a series in words: `, queue=mail, urgent=true`.
fn group(attributes: &RawObject) -> String {
    let members: serde_json::Map<String, Value> =
        serde_json::from_str(attributes.text()).unwrap_or_default();
    let told = members.iter().map(|(key, value)| match value {
        Value::String(text) => format!(", {key}={text}"),
        other => format!(", {key}={other}"),
    });
    told.collect()
}

/// The units of all series.
fn unit(set: &MetricSeriesSet) -> String {
    let mut units: Vec<_> = set
        .series
        .iter()
        .filter_map(|series| series.unit.as_ref())
        .map(|unit| unit.as_str())
        .collect();
    units.sort_unstable();
    units.dedup();
    units.join(", ")
}

/// What the vertical axis spans: all values, with some room, and zero when it is near.
fn extent(lines: &[Line]) -> (f64, f64) {
    let values = lines
        .iter()
        .flat_map(|line| line.stretches.iter().flatten());
    let (mut low, mut high) = values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(low, high), (_, value)| (low.min(*value), high.max(*value)),
    );
    if low > high {
        return (0.0, 1.0);
    }
    if low > 0.0 && low < high / 2.0 {
        low = 0.0;
    }
    if high < 0.0 && high > low / 2.0 {
        high = 0.0;
    }
    let span = high - low;
    let least = (low.abs().max(high.abs()) * 1e-6).max(f64::MIN_POSITIVE * 1e20);
    let room = if span > least {
        span * 0.05
    } else {
        low.abs().max(1.0) * 0.1
    };
    let below = if low == 0.0 { 0.0 } else { room };
    let above = if high == 0.0 && low < 0.0 { 0.0 } else { room };
    (low - below, high + above)
}

/// Round numbers between two, about five.
fn nice(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    let magnitude = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (low / step).ceil();
    (0..=10)
        .map(|place| (first + f64::from(place)) * step)
        .take_while(|value| *value <= high)
        .collect()
}

/// Round times between two, about eight, of the time zone.
fn times(from: DateTime<Utc>, to: DateTime<Utc>, zone: TimeZone) -> Vec<f64> {
    const STEPS: [i64; 17] = [
        1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
        2_592_000, 31_536_000,
    ];
    let range = (to - from).num_seconds();
    let step = STEPS.into_iter().find(|step| range / step <= 8);
    let step = step.unwrap_or(range / 8).max(1);
    // Days begin at midnight and hours at the full hour of the zone, as it is at the beginning.
    let offset = i64::from(
        chrono::Offset::fix(&zone.zone().offset_from_utc_datetime(&from.naive_utc()))
            .local_minus_utc(),
    );
    let local = from.timestamp() + offset;
    let first = local + (step - local.rem_euclid(step)) % step - offset;
    (0..)
        .map(|place| first + place * step)
        .take_while(|at| *at <= to.timestamp())
        // Beyond 2^53 seconds there are no dates.
        .map(|at| at as f64)
        .collect()
}

/// A time on the axis, as exact as the range needs it.
fn label(at: f64, range: f64, zone: TimeZone) -> String {
    // It came from whole seconds.
    let Some(instant) = DateTime::from_timestamp(at as i64, 0) else {
        return String::new();
    };
    let local = instant.with_timezone(&zone.zone());
    let midnight = local.num_seconds_from_midnight() == 0;
    let form = if range <= 240.0 {
        "%H:%M:%S"
    } else if range <= 4.0 * 86_400.0 && !midnight {
        "%H:%M"
    } else if range <= 300.0 * 86_400.0 {
        "%b %-d"
    } else {
        "%b %Y"
    };
    local.format(form).to_string()
}

/// A number in few signs.
fn number(value: f64) -> String {
    let size = value.abs();
    let short = |value: f64, sign: &str| {
        let text = format!("{value:.3}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{text}{sign}")
    };
    match size {
        _ if size == 0.0 => "0".to_owned(),
        _ if !(1e-3..1e15).contains(&size) => format!("{value:e}"),
        _ if size >= 1e12 => short(value / 1e12, "T"),
        _ if size >= 1e9 => short(value / 1e9, "G"),
        _ if size >= 1e6 => short(value / 1e6, "M"),
        _ if size >= 1e4 => short(value / 1e3, "k"),
        _ => short(value, ""),
    }
}

fn seconds(instant: DateTime<Utc>) -> f64 {
    // Exact to the microsecond for thousands of years.
    instant.timestamp_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::Example;

    use super::*;

    #[test]
    fn a_chart_has_axes_unit_legend_and_escapes_what_users_say() {
        let mut set = MetricSeriesSet::example();
        set.series[0].attributes = serde_json::from_str(r#"{"a":"<script>&"}"#).unwrap();
        let drawn = svg(&set, &[Aggregation::Avg, Aggregation::Count], Theme::Light).unwrap();
        for part in [
            "queue.length",
            "{request}",
            "avg, a=&lt;script&gt;&amp;",
            "count, a=",
        ] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
        let dark = svg(&set, &[Aggregation::Avg], Theme::Dark).unwrap();
        assert!(dark.contains("#0D1117") && !drawn.contains("#0D1117"));
    }

    #[test]
    fn any_values_are_drawn_or_refused() {
        for values in [
            [0.0, 0.0],
            [1e16, 1e16 + 2.0],
            [5e-324, 5e-324],
            [-1e-300, 1e-300],
            [1e308, 1.1e308],
            [-3.0, -2.9],
        ] {
            let mut set = MetricSeriesSet::example();
            for (point, value) in set.series[0].points.iter_mut().zip(values) {
                point.avg = Some(value);
            }
            let drawn = svg(&set, &[Aggregation::Avg], Theme::Light);
            assert!(drawn.unwrap().contains("polyline"), "{values:?}");
        }
        let mut set = MetricSeriesSet::example();
        set.series[0].points[0].avg = Some(f64::MAX);
        set.series[0].points[1].avg = Some(f64::MIN);
        assert!(svg(&set, &[Aggregation::Avg], Theme::Light).is_err());
        set.series.clear();
        let empty = svg(&set, &[Aggregation::Avg], Theme::Light).unwrap();
        assert!(empty.contains("no data points"));
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(nice(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert!((nice(0.1, 0.45)[0] - 0.1).abs() < 1e-12);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = "Asia/Kolkata".parse().unwrap();
        let day = times(at("2026-11-22T09:07:00Z"), at("2026-11-23T09:07:00Z"), zone);
        assert_eq!(label(day[0], 86_400.0, zone), "15:00");
        assert_eq!(label(day[3], 86_400.0, zone), "Nov 23");
        assert_eq!(day.len(), 8);
        let numbers = [0.0, 1234.5, 25_000.0, 1.5e9, 1e-7, -0.25].map(number);
        assert_eq!(numbers, ["0", "1234.5", "25k", "1.5G", "1e-7", "-0.25"]);
    }
}
