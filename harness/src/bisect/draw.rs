//! The bisection as people look at it: the history of each scenario, each change, what could not be judged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::search::judged;
use super::{Bisection, Change};
use crate::report::{ExitStatus, Verdict, clip, headline, printable};

/// How much of a sentence stands in a line.
const LINE: usize = 200;

pub(super) fn draw(bisection: &Bisection, colour: bool) -> String {
    let mut out = String::new();
    for report in &bisection.control.control_failures {
        let said = clip(&printable(&headline(report)), LINE);
        let _ = writeln!(
            out,
            "{} control {}: {said}",
            paint(colour, report.verdict),
            report.id
        );
    }
    histories(&mut out, bisection, colour);
    for change in &bisection.changes {
        draw_change(&mut out, change, colour);
    }
    unjudged(&mut out, bisection);
    sum(&mut out, bisection);
    out
}

/// By scenario: the releases in order, those in a row that came to the same verdict as one line.
fn histories(out: &mut String, bisection: &Bisection, colour: bool) {
    let mut histories: BTreeMap<&str, Vec<(Verdict, Vec<&str>)>> = BTreeMap::new();
    for release in &bisection.releases {
        for (id, report) in judged(release) {
            let history = histories.entry(id).or_default();
            match history.last_mut() {
                Some((verdict, versions)) if *verdict == report.verdict => versions.push(&release.version),
                _ => history.push((report.verdict, vec![&release.version])),
            }
        }
    }
    for (id, history) in histories {
        let _ = writeln!(out, "{id}");
        for (verdict, versions) in history {
            let verdict = paint(colour, verdict);
            let _ = match &versions[..] {
                [one] => writeln!(out, "  {verdict}  {one}"),
                [first, .., last] => {
                    writeln!(out, "  {verdict}  {first} to {last}, {} releases", versions.len())
                }
                [] => Ok(()),
            };
        }
    }
}

fn draw_change(out: &mut String, change: &Change, colour: bool) {
    let _ = writeln!(out, "\nchanges from {} to {}", change.last, change.first);
    if !change.between.is_empty() {
        let between = change.between.join(", ");
        let _ = writeln!(out, "  or at one between, which could not be judged: {between}");
    }
    for of in &change.scenarios {
        let (before, after) = (paint(colour, of.before), paint(colour, of.after));
        let _ = writeln!(out, "  {}: {} → {}", of.id, before.trim_end(), after.trim_end());
        let check = of
            .check
            .as_ref()
            .map_or_else(String::new, |check| format!("{check}: "));
        let said = clip(&printable(&of.summary), LINE);
        let _ = writeln!(out, "    {} {check}{said}", of.fails);
    }
    if let Some(smallest) = &change.smallest {
        let size = smallest.size.map_or_else(String::new, |size| format!(": {size}"));
        let _ = writeln!(
            out,
            "  smallest failing case: {} on {}{size}",
            smallest.id, smallest.version
        );
        if let Some(fixture) = &smallest.fixture {
            let _ = writeln!(out, "    fixture: {fixture}");
        }
        let _ = writeln!(out, "    run it alone: {}", smallest.rerun);
        let _ = writeln!(out, "    kept: {}", smallest.kept);
    }
}

/// The releases of which nothing is known, with the reason.
fn unjudged(out: &mut String, bisection: &Bisection) {
    let unjudged = bisection
        .releases
        .iter()
        .filter(|release| judged(release).is_empty());
    for (at, release) in unjudged.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\ncould not be judged, and are left aside");
        }
        let reports = release.report.iter().flat_map(|report| &report.reports);
        let reason = release
            .reason
            .clone()
            .or_else(|| reports.filter_map(|report| report.reason.clone()).next());
        let reason = reason.unwrap_or_else(|| "no scenario applies".to_owned());
        let _ = writeln!(out, "  {}: {}", release.version, clip(&printable(&reason), LINE));
    }
    let assumed = bisection.assumed();
    if !assumed.is_empty() && bisection.exit() == ExitStatus::Conformant {
        let _ = writeln!(
            out,
            "\nnot run, because the releases on both sides of them agree; what changes between them and back again is not seen\n  {}",
            assumed.join(", ")
        );
    }
}

fn sum(out: &mut String, bisection: &Bisection) {
    let judged = bisection
        .releases
        .iter()
        .filter(|release| !judged(release).is_empty())
        .count();
    let took = Duration::from_millis(bisection.elapsed_ms).as_secs_f64();
    let changes = match bisection.changes.len() {
        0 => "no change".to_owned(),
        1 => "1 change".to_owned(),
        several => format!("{several} changes"),
    };
    let _ = writeln!(
        out,
        "\n{}: {} releases, {} run, {judged} judged in {took:.1} s: {changes}",
        bisection.exporter,
        bisection.versions.len(),
        bisection.releases.len()
    );
    match bisection.exit() {
        ExitStatus::ControlFailed => {
            let _ = writeln!(
                out,
                "the control failed: nothing was judged, because the reference does not pass here either"
            );
        }
        ExitStatus::NotJudged => {
            let _ = writeln!(out, "nothing can be told: it takes two releases that are judged");
        }
        _ => {}
    }
}

fn paint(colour: bool, verdict: Verdict) -> String {
    let text = format!("{:<10}", verdict.name());
    match colour {
        true => verdict.paint(&text),
        false => text,
    }
}
