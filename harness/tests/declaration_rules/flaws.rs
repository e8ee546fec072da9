//! Flaws, one by one: what is said about each, where, and what to do about it.

use crate::{MANIFEST, Refusal, SCENARIO, manifest, scenario};

/// The refusal of a text with one thing changed.
fn flawed<T>(read: fn(&str) -> Result<T, Refusal>, text: &str, from: &str, to: &str) -> (Refusal, String) {
    assert!(text.contains(from), "{from:?} is not in the text");
    let text = text.replacen(from, to, 1);
    let refusal = read(&text).err().unwrap_or_else(|| panic!("{to:?} is accepted"));
    let line = refusal.line(&text).to_owned();
    (refusal, line)
}

/// What stands in the whole scenario, what takes its place, what is said about it, and how the line begins that is
/// pointed at.
const FLAWS_OF_A_SCENARIO: &[(&str, &str, &str, &str)] = &[
    ("title = ", "titel = ", "unknown field `titel`", "titel = "),
    (
        "level = \"should\"",
        "level = \"may\"",
        "unknown variant `may`",
        "level = \"may\"",
    ),
    ("workers = 2", "workers = 0", "without workers", "workers = 0"),
    (
        "name = \"busy\"",
        "name = \"jobs\"",
        "\"jobs\" is declared twice",
        "name = \"jobs\"",
    ),
    (
        "mode = \"livemostrecent\"\n",
        "",
        "a gauge needs a mode",
        "name = \"busy\"",
    ),
    (
        "mode = \"livemostrecent\"",
        "mode = \"min\"",
        "processes that did nothing (F7)",
        "name = \"busy\"",
    ),
    (
        "buckets = [0.25, 1.0]",
        "buckets = [1.0, 0.25]",
        "not in ascending order",
        "name = \"wait_seconds\"",
    ),
    (
        "buckets = [0.25, 1.0]\n",
        "",
        "a histogram without buckets",
        "name = \"wait_seconds\"",
    ),
    (
        "metric = \"jobs\"",
        "metric = \"mails\"",
        "\"mails\" is not declared",
        "{ op = \"inc\"",
    ),
    (
        "op = \"set\"",
        "op = \"inc\"",
        "does not fit Gauge",
        "{ op = \"inc\", metric = \"busy\"",
    ),
    (
        "op = \"set\"",
        "op = \"add\"",
        "can only be set (F8)",
        "{ op = \"add\"",
    ),
    (
        "value = 1.5",
        "value = -1.5",
        "a counter only goes up",
        "{ op = \"inc\"",
    ),
    (
        "queue = \"q{i}\"",
        "zone = \"q\"",
        "do not match the declared",
        "{ op = \"inc\"",
    ),
    (
        "{ op = \"fail\" }",
        "{ op = \"fial\" }",
        "unknown variant `fial`",
        "{ op = \"fial\" }",
    ),
    (
        "{ all = 5 }",
        "{ most = 5 }",
        "task \"most\" is not declared",
        "dispatch = ",
    ),
    ("min_pids = 2", "min_pids = 3", "min_pids exceeds", "[[steps]]"),
    (
        "signal = \"KILL\"",
        "signal = \"STOP\"",
        "unknown variant `STOP`",
        "fault = ",
    ),
    (
        "\"scrape/available\"",
        "\"scrape/avialable\"",
        "there is no check \"scrape/avialable\"",
        "check = ",
    ),
    (
        "check = [\"scrape/available\", \"truth/equals-ledger\"]",
        "wait = \"quiet\"",
        "no step checks anything",
        "[[steps]]",
    ),
    (
        "indeterminate_tasks = 3",
        "indeterminate_taks = 3",
        "unknown field",
        "indeterminate_taks = 3",
    ),
];

#[test]
fn every_part_of_both_formats_is_read() {
    assert_eq!(scenario(SCENARIO).ok().unwrap().steps.len(), 6);
    assert_eq!(manifest(MANIFEST).ok().unwrap().hooks.len(), 5);
}

#[test]
fn a_flaw_of_a_scenario_is_refused_at_its_line() {
    for (from, to, message, line) in FLAWS_OF_A_SCENARIO {
        let (refusal, at) = flawed(scenario, SCENARIO, from, to);
        assert!(refusal.message.contains(message), "{to}: {}", refusal.message);
        assert!(at.trim_start().starts_with(line), "{to}: points at {at:?}");
    }
}

#[test]
fn a_check_that_does_not_exist_is_answered_with_those_that_do() {
    let (refusal, _) = flawed(scenario, SCENARIO, "\"scrape/available\"", "\"scrape/avialable\"");
    let remedy = refusal.remedy.unwrap();
    assert!(
        counterfoil::check::ALL
            .iter()
            .all(|check| remedy.contains(check.id())),
        "{remedy}"
    );
}

#[test]
fn a_flaw_of_a_manifest_is_refused_at_its_line() {
    let flaws = [
        (
            "protocol = 1",
            "protocol = 2",
            "protocol 2 is not spoken here",
            "protocol = 2",
        ),
        (
            "homepage = ",
            "hompage = ",
            "unknown field `hompage`",
            "hompage = ",
        ),
        (
            "version = \"0.13.0\"",
            "version = 13",
            "invalid type",
            "version = 13",
        ),
        (
            "\"failing-tasks\"",
            "\"failing-task\"",
            "unknown variant `failing-task`",
            "\"failing-task\"",
        ),
        (
            "stop = \"TERM\"",
            "stop = \"HUP\"",
            "unknown variant `HUP`",
            "stop = \"HUP\"",
        ),
        (
            "format = \"taskiq-list\"",
            "format = \"celery\"",
            "unknown variant `celery`",
            "format = \"celery\"",
        ),
        (
            "layout = \"python-16\"",
            "layout = \"python-17\"",
            "unknown variant `python-17`",
            "layout = ",
        ),
        (
            "on = [\"ok\", \"failed\", \"refused\"]",
            "on = [\"never\"]",
            "unknown variant `never`",
            "",
        ),
    ];
    for (from, to, message, line) in flaws {
        let (refusal, at) = flawed(manifest, MANIFEST, from, to);
        assert!(refusal.message.contains(message), "{to}: {}", refusal.message);
        assert!(at.trim_start().starts_with(line), "{to}: points at {at:?}");
        assert!(refusal.remedy.is_some(), "{to}: says nothing about what to do");
    }
}

#[test]
fn a_later_protocols_unknown_keys_do_not_hide_its_version() {
    let later = format!(
        "{}\n[novelty]\nkey = 1\n",
        MANIFEST.replacen("protocol = 1", "protocol = 7", 1)
    );
    let refusal = manifest(&later).err().unwrap();
    assert!(
        refusal.message.contains("protocol 7 is not spoken here"),
        "{}",
        refusal.message
    );
}
