//! Truth against scrape: what is missing, what is too much, which headers differ, and how that is told.

use counterfoil::check::{Check, Comparison, compare};
use counterfoil::exposition::text;

use crate::encoder::{Directory, key, labelled};
use crate::history::{History, counters, merged};

fn compared(files: &Directory, body: &str) -> Comparison {
    compare(&files.truth(), &text::parse(body.as_bytes()).exposition)
}

fn two() -> Directory {
    counters(&[
        (101, &[("report", 2.0), ("mail", 11.0)]),
        (102, &[("mail", 10.0)]),
    ])
}

/// What the check says of that body for the files of [`two`].
fn summary(body: &str) -> String {
    History::new(&two(), body).fails(Check::ScrapeEqualsTruth).summary
}

#[test]
fn each_kind_of_difference_alone_fails_the_check() {
    let body = merged(&two());
    let report = "jobs_total{queue=\"report\"} 2.0\n";
    let said = "what is served is not what the files hold:";
    for (body, expected) in [
        (
            body.replace(report, &format!("{report}jobs_total{{queue=\"spam\"}} 7.0\n")),
            "1 series in no file",
        ),
        (format!("{body}# TYPE up gauge\nup 1.0\n"), "1 series in no file"),
        (
            format!(
                "{}# TYPE up gauge\nup 1.0\n",
                body.replace(report, &format!("{report}jobs_total{{queue=\"spam\"}} 7.0\n"))
            ),
            "2 series in no file",
        ),
        (
            body.replace("21.0", "3.5").replace(report, ""),
            "1 series served with another value, 1 series missing",
        ),
    ] {
        assert_eq!(summary(&body), format!("{said} {expected}"));
    }
    // A gauge is no sum of its processes, so no process can be named.
    let files = Directory::new().with(
        "gauge_max_1.db",
        &[labelled("busy", "busy", &[], 1.0), labelled("up", "up", &[], 1.0)],
    );
    let history = History::new(&files, &merged(&files).replace("up 1.0\n", ""));
    assert_eq!(
        history.fails(Check::ScrapeEqualsTruth).summary,
        format!("{said} 1 series missing")
    );
}

#[test]
fn a_header_without_samples_is_told_from_none() {
    // A mostrecent gauge that was never set has a family and no series (M7).
    let entry = (key("last", "last", &[], "Help."), 0.0, 0.0);
    let files = Directory::new().with("gauge_mostrecent_1.db", &[entry]);
    let header = "# HELP last Help.\n# TYPE last gauge\n";
    assert_eq!(merged(&files), header);
    assert!(compared(&files, header).is_clean());
    let problems = compared(&files, "").families;
    assert_eq!(
        (problems[0].family.as_str(), problems[0].message.as_str()),
        ("last", "is not served, not even its header")
    );
    let problems = compared(&Directory::new(), header).families;
    assert_eq!(
        (problems[0].family.as_str(), problems[0].message.as_str()),
        ("last", "is served without samples, and no file knows it")
    );
    // Where series are missing, the header is not mentioned as well.
    let comparison = compared(&two(), "");
    assert_eq!((comparison.missing.len(), comparison.families.len()), (2, 0));
}

#[test]
fn a_help_may_be_missing_where_the_files_have_an_empty_one_m3() {
    let files = |help: &str| {
        Directory::new().with(
            "counter_1.db",
            &[(key("jobs", "jobs_total", &[], help), 1.0, 0.0)],
        )
    };
    let served = "# TYPE jobs_total counter\njobs_total 1.0\n";
    assert!(compared(&files(""), served).is_clean());
    assert_eq!(
        compared(&files("Help."), served).families[0].message,
        "is served without HELP"
    );
    let blanks = format!("# HELP jobs_total   Help.\n{served}");
    assert!(
        compared(&files(" Help."), &blanks).is_clean(),
        "blanks before it do not count"
    );
    let other = format!("# HELP jobs_total Other.\n{served}");
    assert_eq!(
        compared(&files("Help."), &other).families[0].message,
        "is served with HELP \"Other.\", the files say [\"Help.\"]"
    );
}

#[test]
fn differences_come_by_series_and_what_tells_most_first() {
    let histogram = [
        labelled("h", "h_bucket", &[("le", "1.0")], 1.0),
        labelled("h", "h_bucket", &[("le", "+Inf")], 1.0),
        labelled("h", "h_sum", &[], 1.0),
    ];
    let files = two().with("histogram_1.db", &histogram).with(
        "gauge_max_1.db",
        &[labelled("up", "up", &[], 1.0), labelled("busy", "busy", &[], 1.0)],
    );
    let finding = History::new(&files, "jobs_total{queue=\"x\"} 1.0\n").fails(Check::ScrapeEqualsTruth);
    let series: Vec<_> = finding
        .differences
        .iter()
        .map(|difference| difference.series.as_str())
        .collect();
    let expected = [
        "jobs_total{queue=\"mail\"}",
        "jobs_total{queue=\"report\"}",
        "busy",
        "h_count",
        "up",
        "h_sum",
        "h_bucket{le=\"+Inf\"}",
        "h_bucket{le=\"1.0\"}",
    ];
    assert_eq!(series, expected);
    let different: Vec<_> = compared(
        &files,
        "# TYPE jobs_total counter\njobs_total{queue=\"report\"} 1.0\njobs_total{queue=\"mail\"} 1.0\n",
    )
    .different
    .into_iter()
    .map(|(series, ..)| series.to_string())
    .collect();
    assert_eq!(different, expected[..2]);
}

#[test]
fn of_many_differences_the_first_hundred_come_with_every_processs_share() {
    let entries: Vec<_> = (0..101)
        .map(|at| labelled("jobs", "jobs_total", &[("queue", &format!("{at:03}"))], 1.0))
        .collect();
    let files = Directory::new().with("counter_7.db", &entries);
    let differences = History::new(&files, "")
        .fails(Check::ScrapeEqualsTruth)
        .differences;
    let with_shares = differences
        .iter()
        .take_while(|difference| difference.parts.len() == 1)
        .count();
    assert_eq!((differences.len(), with_shares), (101, 100));
    assert!(differences[100].parts.is_empty());
}

#[test]
fn of_many_names_that_no_file_knows_six_are_shown_m15() {
    let note = |count: usize| {
        let more: String = (0..count)
            .map(|at| format!("own_{at} 1.0\nown_{at}{{a=\"1\"}} 1.0\n"))
            .collect();
        let finding =
            History::new(&two(), &format!("{}{more}", merged(&two()))).fails(Check::ScrapeEqualsTruth);
        finding.notes.concat()
    };
    let six = "own_0, own_1, own_2, own_3, own_4, own_5";
    assert_eq!(note(6), format!("12 series are served that no file knows: {six}"));
    assert_eq!(
        note(7),
        format!("14 series are served that no file knows: {six}, …")
    );
}

#[test]
fn a_value_that_may_be_one_of_several_is_told_with_all_of_them() {
    let near = counters(&[
        (1, &[("mail", 0.1)]),
        (2, &[("mail", 0.2)]),
        (3, &[("mail", 0.3)]),
    ]);
    let expected = |files: &Directory| {
        let finding = History::new(files, &merged(files).replace(" 0.6", " 7").replace(" 1.0", " 7"))
            .fails(Check::ScrapeEqualsTruth);
        finding.differences[0].expected.clone()
    };
    let near = expected(&near);
    assert!(
        near.starts_with("truth 0.6000000000000001 ± 2.6645") && near.ends_with("e-16"),
        "{near}"
    );
    // Two processes that set it at the same moment (M7).
    let set = |value| [(key("last", "last", &[], "Help."), value, 5.0)];
    let tied = Directory::new()
        .with("gauge_mostrecent_1.db", &set(1.0))
        .with("gauge_mostrecent_2.db", &set(2.0));
    assert_eq!(expected(&tied), "truth one of 1.0, 2.0");
}

/// More samples than one thread compares.
#[test]
fn of_many_families_each_one_that_differs_is_told_in_the_order_of_their_names() {
    let entries: Vec<_> = (10..60)
        .flat_map(|family| (0..100).map(move |queue| (format!("jobs_{family}"), queue.to_string())))
        .map(|(family, queue)| labelled(&family, &format!("{family}_total"), &[("queue", &queue)], 1.0))
        .collect();
    let files = Directory::new().with("counter_1.db", &entries);
    let body = merged(&files);
    let comparison = compared(&files, &body);
    assert!(comparison.is_clean() && comparison.compared == 5000);
    let different = compared(&files, &body.replace("queue=\"7\"} 1.0", "queue=\"7\"} 2.0")).different;
    let families: Vec<_> = different
        .iter()
        .map(|(series, ..)| series.sample.to_string())
        .collect();
    assert_eq!(
        families,
        (10..60)
            .map(|family| format!("jobs_{family}_total"))
            .collect::<Vec<_>>()
    );
}
