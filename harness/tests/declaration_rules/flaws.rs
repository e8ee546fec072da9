//! Flaws, one by one: what is said about each, where, and what to do about it.

use crate::fault_flaws::FLAWS_OF_FAULTS;
use crate::{MANIFEST, Refusal, SCENARIO, manifest, scenario};

/// The refusal of a text with one thing changed.
pub(crate) fn flawed<T>(
    read: fn(&str) -> Result<T, Refusal>,
    text: &str,
    from: &str,
    to: &str,
) -> (Refusal, String) {
    assert!(text.contains(from), "{from:?} is not in the text");
    let text = text.replacen(from, to, 1);
    let refusal = read(&text).err().unwrap_or_else(|| panic!("{to:?} is accepted"));
    let line = refusal.line(&text).to_owned();
    (refusal, line)
}

/// What stands in the whole scenario, what takes its place, what is said about it, and how the line begins that is
/// pointed at.
const FLAWS_OF_A_SCENARIO: &[(&str, &str, &str, &str)] = &[
    ("title = ", "titel = ", "unknown key `titel`", "titel = "),
    (
        "level = \"should\"",
        "level = \"may\"",
        "unknown value `may` for `level`",
        "level = \"may\"",
    ),
    ("workers = 2", "workers = 0", "without workers", "workers = 0"),
    ("workers = 2", "workers = 2\npods = 0", "0 pods", "workers = 2"),
    ("workers = 2", "workers = 2\npods = 9", "9 pods", "workers = 2"),
    (
        "workers = 2",
        "workers = 2\npods = 2\nneighbour = true",
        "have neither a neighbour nor Prometheus",
        "workers = 2",
    ),
    (
        "workers = 2",
        "workers = 2\npods = 2",
        "which of the pods it is about",
        "[[steps]]",
    ),
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
        "\"most-recent\", ",
        "",
        "not every exporter has gauges of the most recent value",
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
        "`inc` does not fit \"busy\", which is a gauge",
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
        "repeat = 3",
        "repeat = 4000000000",
        "comes to more than 100000 ops",
        "{ op = \"inc\"",
    ),
    (
        "ms = 5",
        "ms = 9000000000000000000",
        "sleeps for more than an hour",
        "{ op = \"sleep\"",
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
        "unknown value `fial` for `op`",
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
        ", \"rolling-restarts\"",
        "",
        "not every fleet can have a successor",
        "[[steps]]",
    ),
    (
        "\"starts\"",
        "\"takes-over\"",
        "there is no successor here",
        "[[steps]]",
    ),
    (
        "\"takes-over\"",
        "\"starts\"",
        "two generations of the fleet here",
        "[[steps]]",
    ),
    (
        "successor = \"takes-over\"\n\n[[steps]]\nrestart = \"gracefully\"",
        "wait = \"quiet\"",
        "the successor never takes over",
        "[[steps]]",
    ),
    (
        "successor = \"takes-over\"",
        "scale = 4",
        "two generations of the fleet here",
        "[[steps]]",
    ),
    (
        "successor = \"starts\"\n\n[[steps]]\nsuccessor = \"takes-over\"",
        "wait = \"quiet\"",
        "the fleet has no successor",
        "help_of_successor = ",
    ),
    (
        "scale = 3",
        "scale = 2",
        "a fleet of 2 cannot be scaled to 2",
        "[[steps]]",
    ),
    (
        "scale = 3",
        "scale = 0",
        "a fleet of 2 cannot be scaled to 0",
        "[[steps]]",
    ),
    (
        "min_pids = 2",
        "min_pids = 1",
        "not all workers have shown themselves",
        "[[steps]]",
    ),
    (", \"scales\"", "", "not every fleet can be scaled", "[[steps]]"),
    (
        "at_once = 2",
        "at_once = 3",
        "3 of 2 scrapes cannot be under way at once",
        "[[steps]]",
    ),
    (
        "processes = 2",
        "processes = 2, living = true",
        "only one process lives that is none of the fleet's",
        "[[steps]]",
    ),
    (
        "inherit = { processes = 2 }",
        "inherit = { processes = 1, living = true }\n\n[[steps]]\ninherit = { processes = 1, living = true }",
        "only one process lives that is none of the fleet's",
        "[[steps]]",
    ),
    (
        "processes = 2",
        "processes = 0",
        "0 processes cannot have left their files",
        "[[steps]]",
    ),
    (
        "file = \"counter_0.db\"",
        "file = \"../counter_0.db\"",
        "is no metric file's name",
        "[[steps]]",
    ),
    (
        "holds = \"half-an-entry\"",
        "holds = \"half\"",
        "unknown value `half` for `holds`",
        "plant = ",
    ),
    (
        "\"scrape/names\"",
        "\"scrape/equals-truth\"",
        "scrapes of chosen names do not serve everything",
        "check = ",
    ),
    (
        "\"scrape/names\"",
        "\"prometheus/agrees\"",
        "Prometheus does not scrape this fleet",
        "check = ",
    ),
    (
        "names = [\"jobs_total\"]\n",
        "",
        "no scrape asks for names",
        "check = ",
    ),
    (
        "\"scrape/available\"",
        "\"scrape/avialable\"",
        "there is no check \"scrape/avialable\"",
        "check = ",
    ),
    (
        "check = [\"scrape/available\", \"scrape/names\", \"truth/equals-ledger\"]",
        "wait = \"quiet\"",
        "no step checks anything",
        "[[steps]]",
    ),
    (
        "indeterminate_tasks = 3",
        "indeterminate_taks = 3",
        "unknown key `indeterminate_taks`",
        "indeterminate_taks = 3",
    ),
];

#[test]
fn every_part_of_both_formats_is_read() {
    assert_eq!(scenario(SCENARIO).ok().unwrap().steps.len(), 29);
    assert_eq!(manifest(MANIFEST).ok().unwrap().hooks.len(), 5);
}

#[test]
fn a_flaw_of_a_scenario_is_refused_at_its_line() {
    for (from, to, message, line) in FLAWS_OF_A_SCENARIO.iter().chain(FLAWS_OF_FAULTS) {
        let (refusal, at) = flawed(scenario, SCENARIO, from, to);
        assert!(refusal.message.contains(message), "{to}: {}", refusal.message);
        assert!(at.trim_start().starts_with(line), "{to}: points at {at:?}");
        assert!(refusal.remedy.is_some(), "{to}: says nothing about what to do");
    }
}

#[test]
fn a_flaw_of_one_op_is_refused_at_that_op() {
    let flaws = [
        ("value = 1.5", "valeu = 1.5", "unknown key `valeu`"),
        (
            "value = 1.5",
            "value = \"1.5\"",
            "`value` takes a number, not the string \"1.5\"",
        ),
        ("ms = 5", "ms = 5, metric = \"jobs\"", "unknown key `metric`"),
        ("ms = 5", "value = 5", "unknown key `value`"),
        (
            "op = \"sleep\", ms = 5",
            "op = \"sleep\"",
            "the key `ms` is missing",
        ),
        ("op = \"sleep\", ms = 5", "ms = 5", "the key `op` is missing"),
        (
            "code = 3",
            "code = 256",
            "`code` takes a whole number from 0 to 255, not 256",
        ),
    ];
    for (from, to, message) in flaws {
        let (refusal, line) = flawed(scenario, SCENARIO, from, to);
        assert_eq!(
            refusal.message,
            format!("scenario family/by-hand: {message}"),
            "{to}"
        );
        assert!(line.contains(to), "{to}: points at {line:?}");
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
