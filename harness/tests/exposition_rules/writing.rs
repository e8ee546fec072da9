//! Expositions as text: what is written of each type in either format.

use counterfoil::exposition::{Exposition, Family, Sample, openmetrics, text};
use counterfoil::series::{Labels, MetricType, Series};

use crate::found;

/// A family of every type, as OpenMetrics has it.
const EVERY_TYPE: &str = r#"# HELP jobs Jobs \"done\",\nall of \\them.
# TYPE jobs counter
jobs_total{queue="a"} 3.0 1700000000.5 # {trace="7f"} 1.0 1700000000.25
jobs_created{queue="a"} 5.0 1700000000.5
jobs_total{queue="b"} 1.0 # {} 0.5
# HELP wait_seconds How long.
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
wait_seconds_bucket{le="0.5"} 0.0
wait_seconds_bucket{le="+Inf"} 2.0
wait_seconds_count 2.0
wait_seconds_sum 7.5
# TYPE size summary
size{quantile="0.5"} 2.0
size_count 2.0
size_sum 4.0
size_created 5.0
# TYPE build info
build_info{version="1"} 1.0
# TYPE light stateset
light{light="on"} 1.0
# TYPE queue gaugehistogram
queue_bucket{le="+Inf"} 3.0
queue_gcount 3.0
queue_gsum 1.5
# TYPE up gauge
up 1.0
# TYPE odd unknown
odd -Inf
# EOF
"#;

fn every_type() -> Exposition {
    let parsed = openmetrics::parse(EVERY_TYPE.as_bytes());
    assert_eq!(found(&parsed), [""; 0]);
    parsed.exposition
}

#[test]
fn openmetrics_of_every_type_is_written_as_it_was_read() {
    assert_eq!(openmetrics::write(&every_type()), EVERY_TYPE);
}

#[test]
fn text_has_gauges_for_the_types_that_it_does_not_know_and_no_exemplars() {
    let expected = r#"# HELP jobs_total Jobs "done",\nall of \\them.
# TYPE jobs_total counter
jobs_total{queue="a"} 3.0 1700000000500
jobs_total{queue="b"} 1.0
# HELP jobs_created Jobs "done",\nall of \\them.
# TYPE jobs_created gauge
jobs_created{queue="a"} 5.0 1700000000500
# HELP wait_seconds How long.
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.5"} 0.0
wait_seconds_bucket{le="+Inf"} 2.0
wait_seconds_count 2.0
wait_seconds_sum 7.5
# TYPE size summary
size{quantile="0.5"} 2.0
size_count 2.0
size_sum 4.0
# TYPE size_created gauge
size_created 5.0
# TYPE build_info gauge
build_info{version="1"} 1.0
# TYPE light gauge
light{light="on"} 1.0
# TYPE queue histogram
queue_bucket{le="+Inf"} 3.0
# TYPE queue_gcount gauge
queue_gcount 3.0
# TYPE queue_gsum gauge
queue_gsum 1.5
# TYPE up gauge
up 1.0
# TYPE odd untyped
odd -Inf
"#;
    assert_eq!(text::write(&every_type()), expected);
}

#[test]
fn a_counter_is_named_in_text_as_its_samples_are() {
    let written = |name: &str, sample: Option<&str>| {
        let mut family = Family::new(name, MetricType::Counter);
        let samples = sample.map(|sample| Sample::new(Series::new(sample, Labels::default()), 1.0));
        family.samples.extend(samples);
        let text = text::write(&Exposition {
            families: vec![family],
        });
        text.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(written("jobs", Some("jobs_total")), "# TYPE jobs_total counter");
    assert_eq!(written("jobs", Some("jobs")), "# TYPE jobs counter");
    assert_eq!(written("jobs", None), "# TYPE jobs_total counter");
    assert_eq!(
        written("jobs_total", Some("jobs_total")),
        "# TYPE jobs_total counter"
    );
    assert_eq!(written("jobs_total", None), "# TYPE jobs_total counter");
}

#[test]
fn an_info_is_named_once_as_an_info() {
    let written = |name: &str| {
        let families = vec![Family::new(name, MetricType::Info)];
        text::write(&Exposition { families })
    };
    assert_eq!(written("build"), "# TYPE build_info gauge\n");
    assert_eq!(written("build_info"), "# TYPE build_info gauge\n");
}

#[test]
fn a_family_is_found_by_the_name_that_both_formats_agree_on() {
    let exposition = every_type();
    let sizes: Vec<_> = ["jobs", "up", "build", "jobs_total", "none"]
        .iter()
        .map(|name| exposition.family(name).map(|family| family.samples.len()))
        .collect();
    assert_eq!(sizes, [Some(3), Some(1), Some(1), None, None]);
    assert_eq!(exposition.samples().count(), 18);
    let gauge = Family::new("jobs_total", MetricType::Gauge);
    assert_eq!(gauge.family_name(), "jobs_total", "which is a counter's only");
    assert_eq!(
        Family::new("jobs_total", MetricType::Counter).family_name(),
        "jobs"
    );
}
